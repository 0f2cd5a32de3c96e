variable "context" {
  description = "What this environment is; the same object in every module."
  nullable    = false
  type = object({
    name                     = string
    application              = string
    environment              = string
    stage                    = string
    namespace                = string
    account_id               = string
    region                   = string
    dr_region                = string
    permissions_boundary_arn = string
    tags                     = map(string)
  })
}

variable "network" {
  description = "VPC, its zones, and the way out."
  nullable    = false
  type = object({
    cidr          = string
    zones         = number
    nat           = string
    endpoints     = string
    peered_cidrs  = list(string)
    flow_log_days = number
    existing = object({
      vpc_id              = string
      private_subnet_ids  = map(string)
      database_subnet_ids = map(string)
      public_subnet_ids   = map(string)
      edge_subnet_ids     = map(string)
      intra_subnet_ids    = map(string)
    })
  })

  validation {
    condition     = can(cidrhost(var.network.cidr, 0)) && can(regex("/(16|17|18|19|20)$", var.network.cidr))
    error_message = "network.cidr is an IPv4 range of /16 to /20, got \"${var.network.cidr}\"."
  }

  validation { # 172.20.0.0/16 is where EKS puts Services when the VPC uses 10/8
    condition     = !can(regex("^172\\.20\\.", var.network.cidr))
    error_message = "network.cidr overlaps 172.20.0.0/16, the range of Kubernetes Services, got \"${var.network.cidr}\"."
  }

  validation {
    condition     = contains([2, 3], var.network.zones)
    error_message = "network.zones is 2 or 3, got ${var.network.zones}."
  }

  validation {
    condition     = var.context.stage != "production" || var.network.zones == 3
    error_message = "network.zones is 3 in production, got ${var.network.zones}."
  }

  validation {
    condition     = contains(["none", "single", "per_zone"], var.network.nat)
    error_message = "network.nat is none, single or per_zone, got \"${var.network.nat}\"."
  }

  validation {
    condition     = var.context.stage != "production" || var.network.existing.vpc_id != null || var.network.nat == "per_zone"
    error_message = "network.nat is per_zone in production, so that losing a zone does not cut off the others, got \"${var.network.nat}\"."
  }

  validation { # the only periods that CloudWatch accepts
    condition = contains(
      [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653],
      var.network.flow_log_days,
    )
    error_message = "network.flow_log_days must be a CloudWatch retention period such as 30, 90, 365 or 731, got ${var.network.flow_log_days}."
  }

  validation {
    condition     = contains(["none", "minimal", "standard", "private"], var.network.endpoints)
    error_message = "network.endpoints is none, minimal, standard or private, got \"${var.network.endpoints}\"."
  }

  validation {
    condition     = alltrue([for cidr in var.network.peered_cidrs : can(cidrnetmask(cidr))])
    error_message = "network.peered_cidrs holds IPv4 ranges such as 10.50.0.0/16, got ${jsonencode(var.network.peered_cidrs)}."
  }

  validation {
    condition     = var.network.existing.vpc_id != null || length(var.network.existing.private_subnet_ids) == 0
    error_message = "network.existing.private_subnet_ids names subnets, but network.existing.vpc_id no VPC."
  }

  validation {
    condition = var.network.existing.vpc_id == null || alltrue([
      for ids in [var.network.existing.private_subnet_ids, var.network.existing.database_subnet_ids] :
      length(ids) == var.network.zones
    ])
    error_message = "network.existing: private_subnet_ids and database_subnet_ids name a subnet in each of ${var.network.zones} zones."
  }

  validation { # what is left out falls back on the private tier or is not needed; what is there is there for all zones
    condition = alltrue([
      for ids in [
        var.network.existing.database_subnet_ids, var.network.existing.public_subnet_ids,
        var.network.existing.edge_subnet_ids, var.network.existing.intra_subnet_ids,
      ] : length(ids) == 0 || keys(ids) == keys(var.network.existing.private_subnet_ids)
    ])
    error_message = "network.existing: every tier that is named lies in the zones of private_subnet_ids, ${join(", ", keys(var.network.existing.private_subnet_ids))}."
  }
}
