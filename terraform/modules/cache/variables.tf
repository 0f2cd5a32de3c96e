variable "cache" {
  description = "ElastiCache for Valkey or Redis."
  nullable    = false
  type = object({
    enabled          = bool
    engine           = string # valkey, redis
    engine_version   = string
    node_type        = string
    replicas         = number
    snapshot_days    = number
    maxmemory_policy = string
  })

  validation {
    condition     = contains(["valkey", "redis"], var.cache.engine)
    error_message = "cache.engine is valkey or redis, got \"${var.cache.engine}\"."
  }

  validation {
    condition     = contains(var.cache.engine == "redis" ? ["7.1"] : ["7.2", "8.0", "8.1", "8.2"], var.cache.engine_version)
    error_message = "cache.engine_version is 7.1 for redis and 7.2 to 8.2 for valkey, got \"${var.cache.engine_version}\" for ${var.cache.engine}."
  }

  validation {
    condition     = startswith(var.cache.node_type, "cache.")
    error_message = "cache.node_type begins with \"cache.\", got \"${var.cache.node_type}\"."
  }

  validation {
    condition     = var.cache.replicas >= 0 && var.cache.replicas <= 5
    error_message = "cache.replicas is 0 to 5, got ${var.cache.replicas}."
  }

  validation {
    condition     = var.cache.snapshot_days >= 0 && var.cache.snapshot_days <= 35
    error_message = "cache.snapshot_days is 0 to 35, got ${var.cache.snapshot_days}."
  }

  validation {
    condition     = var.context.stage != "production" || var.cache.replicas >= 1
    error_message = "cache.replicas is at least 1 in production: one zone lost must not be the cache lost."
  }

  validation {
    condition     = var.context.stage != "production" || var.cache.snapshot_days >= 1
    error_message = "cache.snapshot_days is at least 1 in production."
  }
}

variable "client_security_group_id" {
  description = "The only security group that may connect: the nodes'."
  type        = string
  nullable    = false
}

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

  validation { # the tightest is a user's id: 40 characters with the longest suffix, "-app"
    condition     = length(var.context.name) <= 36
    error_message = "context.name prefixes ElastiCache's names of at most 40 characters: at most 36, got ${length(var.context.name)}."
  }
}

variable "subnet_ids" {
  description = "Database subnets by availability zone."
  type        = map(string)
  nullable    = false

  validation {
    condition     = length(var.subnet_ids) > 1 || var.cache.replicas == 0
    error_message = "cache.replicas need subnets in two zones, got ${length(var.subnet_ids)}."
  }
}

variable "vpc_id" {
  description = "The VPC of the subnets."
  type        = string
  nullable    = false
}
