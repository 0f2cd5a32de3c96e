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

variable "client_security_group_id" {
  description = "The only security group that may connect: the nodes'."
  type        = string
  nullable    = false
}

variable "database" {
  description = "RDS for PostgreSQL."
  nullable    = false
  type = object({
    name                = string
    user                = string # the application's
    engine_version      = string
    instance_class      = string
    storage_gb          = number
    max_storage_gb      = number
    multi_az            = bool
    backup_days         = number
    insights            = string # standard, advanced
    backup_window       = string # UTC
    maintenance_window  = string # UTC
    dr_backup_days      = number
    deletion_protection = bool
  })

  validation {
    condition     = can(regex("^[a-zA-Z][a-zA-Z0-9_]{0,62}$", var.database.name))
    error_message = "database.name is 1 to 63 letters, digits and underscores and begins with a letter, got \"${var.database.name}\"."
  }

  validation {
    condition     = can(regex("^[a-z_][a-z0-9_]{0,62}$", var.database.user)) && var.database.user != "postgres_admin"
    error_message = "database.user is lower-case letters, digits and underscores and not the master user, got \"${var.database.user}\"."
  }

  validation {
    condition     = contains(["15", "16", "17", "18"], var.database.engine_version)
    error_message = "database.engine_version is a PostgreSQL major version, 15 to 18, got \"${var.database.engine_version}\"."
  }

  validation {
    condition     = startswith(var.database.instance_class, "db.")
    error_message = "database.instance_class begins with \"db.\", got \"${var.database.instance_class}\"."
  }

  validation {
    condition     = var.database.storage_gb >= 20 && var.database.storage_gb <= 65536
    error_message = "database.storage_gb is 20 to 65536 GiB, got ${var.database.storage_gb}."
  }

  validation { # else RDS refuses the instance
    condition     = 10 * var.database.max_storage_gb >= 11 * var.database.storage_gb
    error_message = "database.max_storage_gb (${var.database.max_storage_gb}) is not a tenth more than database.storage_gb (${var.database.storage_gb})."
  }

  validation {
    condition     = var.database.backup_days >= 1 && var.database.backup_days <= 35
    error_message = "database.backup_days is 1 to 35, got ${var.database.backup_days}."
  }

  validation {
    condition     = var.context.stage != "production" || var.database.backup_days >= 30
    error_message = "database.backup_days is at least 30 in production, got ${var.database.backup_days}."
  }

  validation {
    condition     = var.database.dr_backup_days >= 0 && var.database.dr_backup_days <= 35
    error_message = "database.dr_backup_days is 0 to 35, got ${var.database.dr_backup_days}."
  }

  validation {
    condition     = var.context.stage != "production" || var.database.dr_backup_days >= 30
    error_message = "database.dr_backup_days is at least 30 in production, got ${var.database.dr_backup_days}."
  }

  validation {
    condition     = contains(["standard", "advanced"], var.database.insights)
    error_message = "database.insights is standard or advanced, got \"${var.database.insights}\"."
  }

  validation {
    condition     = can(regex("^([01][0-9]|2[0-3]):[0-5][0-9]-([01][0-9]|2[0-3]):[0-5][0-9]$", var.database.backup_window))
    error_message = "database.backup_window is hh:mm-hh:mm, got \"${var.database.backup_window}\"."
  }

  validation {
    condition     = can(regex("^(mon|tue|wed|thu|fri|sat|sun):[0-2][0-9]:[0-5][0-9]-(mon|tue|wed|thu|fri|sat|sun):[0-2][0-9]:[0-5][0-9]$", var.database.maintenance_window))
    error_message = "database.maintenance_window is ddd:hh:mm-ddd:hh:mm, got \"${var.database.maintenance_window}\"."
  }

  validation {
    condition     = var.context.stage != "production" || var.database.multi_az
    error_message = "database.multi_az is true in production: one zone lost must not be the database lost."
  }

  validation {
    condition     = var.context.stage != "production" || var.database.deletion_protection
    error_message = "database.deletion_protection is true in production."
  }
}

variable "subnet_ids" {
  description = "Database subnets by availability zone."
  type        = map(string)
  nullable    = false

  validation {
    condition     = length(var.subnet_ids) >= 2
    error_message = "RDS needs subnets in two zones, got ${length(var.subnet_ids)}."
  }
}

variable "vpc_id" {
  description = "The VPC of the subnets."
  type        = string
  nullable    = false
}
