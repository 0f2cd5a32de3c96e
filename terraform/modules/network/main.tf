data "aws_availability_zones" "this" {
  exclude_zone_ids = ["cac1-az3", "use1-az3", "usw1-az2"] # EKS has no place there; names differ by account

  filter { # leaves out local and wavelength zones
    name   = "opt-in-status"
    values = ["opt-in-not-required"]
  }
}

data "aws_region" "current" {}

locals {
  made  = var.network.existing.vpc_id == null # else existing.tf reads somebody else's VPC, and nothing is made
  zones = local.made ? local._made_zones : sort(keys(var.network.existing.private_subnet_ids))

  _offered    = sort(data.aws_availability_zones.this.names)
  _made_zones = local.made ? slice(local._offered, 0, min(var.network.zones, length(local._offered))) : []

  # The first three eighths of the range are the private tier. Small tiers lie in the fourth eighth, in blocks of four
  # (one a zone and one spare): public, edge, database, intra. The upper half stays free.
  # In a /16 that is 10.40.{0,32,64}.0/19, 10.40.{96,97,98}.0/24, 10.40.{100,…}.0/24, 10.40.{104,…}.0/24 and so on.
  _small_bits = min(8, 27 - tonumber(split("/", var.network.cidr)[1])) # never smaller than /27, which a load balancer needs
  _small_base = 3 * pow(2, local._small_bits - 3)

  _private_cidrs = { for i, zone in local._made_zones : zone => cidrsubnet(var.network.cidr, 3, i) }
  _small_cidrs = {
    for block, tier in ["public", "edge", "database", "intra"] : tier => {
      for i, zone in local._made_zones :
      zone => cidrsubnet(var.network.cidr, local._small_bits, local._small_base + 4 * block + i)
    }
  }
}

resource "aws_vpc" "this" {
  count = local.made ? 1 : 0

  cidr_block           = var.network.cidr
  enable_dns_hostnames = true
  enable_dns_support   = true

  tags = { Name = var.context.name }

  lifecycle {
    precondition {
      condition     = length(local._offered) >= var.network.zones
      error_message = "${var.context.region} offers ${length(local._offered)} zones to this account, network.zones asks for ${var.network.zones}."
    }
  }
}

# Adopted only to empty it: whatever forgets to name a security group reaches nothing.
resource "aws_default_security_group" "this" {
  count = local.made ? 1 : 0

  vpc_id = aws_vpc.this[0].id

  tags = { Name = "${var.context.name}-default-locked" }
}

check "nodes_can_reach_aws" {
  assert {
    condition     = !local.made || var.network.nat != "none" || var.network.endpoints == "private"
    error_message = "network.nat is none and network.endpoints ${var.network.endpoints}: nodes reach ECR, STS and EC2 only if endpoints are added by hand."
  }
}
