# A VPC that is somebody else's: read, checked, and never changed.

locals {
  _given = {
    public   = var.network.existing.public_subnet_ids
    private  = var.network.existing.private_subnet_ids
    edge     = var.network.existing.edge_subnet_ids
    database = var.network.existing.database_subnet_ids
    intra    = var.network.existing.intra_subnet_ids
  }
  _subnets = merge([
    for tier, ids in local._given : { for zone, id in ids : "${tier}-${zone}" => { zone = zone, id = id } }
  ]...)

  existing_ids = {
    for tier, ids in local._given : tier => {
      for zone in keys(length(ids) > 0 || !contains(["edge", "intra"], tier) ? ids : local._given.private) :
      zone => data.aws_subnet.existing["${length(ids) > 0 ? tier : "private"}-${zone}"].id
    }
  }
}

data "aws_vpc" "existing" {
  count = local.made ? 0 : 1

  id = var.network.existing.vpc_id

  lifecycle {
    postcondition { # the cluster's private endpoint is a name that only the VPC's own resolver knows
      condition     = self.enable_dns_support && self.enable_dns_hostnames
      error_message = "${self.id} resolves no names: turn on DNS support and DNS hostnames, which a private cluster needs."
    }
  }
}

data "aws_subnet" "existing" {
  for_each = local._subnets

  id = each.value.id

  lifecycle {
    postcondition {
      condition     = self.vpc_id == var.network.existing.vpc_id
      error_message = "${self.id} belongs to ${self.vpc_id}, not to network.existing.vpc_id ${var.network.existing.vpc_id}."
    }

    postcondition {
      condition     = self.availability_zone == each.value.zone
      error_message = "${self.id} lies in ${self.availability_zone}, not in ${each.value.zone}."
    }
  }
}
