data "aws_availability_zones" "this" {
  filter { # leaves out local and wavelength zones
    name   = "opt-in-status"
    values = ["opt-in-not-required"]
  }
}

data "aws_region" "current" {}

locals {
  zones = slice(sort(data.aws_availability_zones.this.names), 0, min(var.network.zones, length(data.aws_availability_zones.this.names)))

  # The first three eighths of the range are the private tier. Small tiers lie in the fourth eighth, in blocks of four
  # (one a zone and one spare): public, edge (kept free), database, intra (kept free). The upper half stays free.
  # In a /16 that is 10.40.{0,32,64}.0/19, 10.40.{96,97,98}.0/24 and 10.40.{104,105,106}.0/24.
  _small_bits = min(8, 27 - tonumber(split("/", var.network.cidr)[1])) # never smaller than /27, which a load balancer needs
  _small_base = 3 * pow(2, local._small_bits - 3)

  private_cidrs  = { for i, zone in local.zones : zone => cidrsubnet(var.network.cidr, 3, i) }
  public_cidrs   = { for i, zone in local.zones : zone => cidrsubnet(var.network.cidr, local._small_bits, local._small_base + i) }
  database_cidrs = { for i, zone in local.zones : zone => cidrsubnet(var.network.cidr, local._small_bits, local._small_base + 8 + i) }

  nat_zones = {
    none     = toset([])
    single   = toset(slice(local.zones, 0, 1))
    per_zone = toset(local.zones)
  }[var.network.nat]
  # Which zone's gateway each private subnet leaves by.
  nat_of_zone = var.network.nat == "none" ? {} : {
    for zone in local.zones : zone => contains(local.nat_zones, zone) ? zone : local.zones[0]
  }
}

resource "aws_vpc" "this" {
  cidr_block           = var.network.cidr
  enable_dns_hostnames = true
  enable_dns_support   = true

  tags = { Name = var.context.name }

  lifecycle {
    precondition {
      condition     = length(data.aws_availability_zones.this.names) >= var.network.zones
      error_message = "${var.context.region} offers ${length(data.aws_availability_zones.this.names)} zones to this account, network.zones asks for ${var.network.zones}."
    }
  }
}

# Adopted only to empty it: whatever forgets to name a security group reaches nothing.
resource "aws_default_security_group" "this" {
  vpc_id = aws_vpc.this.id

  tags = { Name = "${var.context.name}-default-locked" }
}

resource "aws_subnet" "public" {
  for_each = local.public_cidrs

  vpc_id            = aws_vpc.this.id
  availability_zone = each.key
  cidr_block        = each.value

  tags = {
    Name                     = "${var.context.name}-public-${each.key}"
    "kubernetes.io/role/elb" = "1"
  }
}

resource "aws_subnet" "private" {
  for_each = local.private_cidrs

  vpc_id            = aws_vpc.this.id
  availability_zone = each.key
  cidr_block        = each.value

  tags = {
    Name                              = "${var.context.name}-private-${each.key}"
    "kubernetes.io/role/internal-elb" = "1"
  }
}

resource "aws_subnet" "database" {
  for_each = local.database_cidrs

  vpc_id            = aws_vpc.this.id
  availability_zone = each.key
  cidr_block        = each.value

  tags = { Name = "${var.context.name}-database-${each.key}" }
}

check "nodes_can_reach_aws" {
  assert {
    condition     = var.network.nat != "none"
    error_message = "network.nat is none: nodes reach ECR, STS and EC2 only if interface endpoints are added by hand."
  }
}
