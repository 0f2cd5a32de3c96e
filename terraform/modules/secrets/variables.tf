variable "cache" {
  description = "The cache and its user, for whom the application may log in; null where there is none."
  default     = null
  type = object({
    arn      = string
    user_arn = string
  })
}

variable "cluster_name" {
  description = "The cluster whose pods get the application's role; null where there is none yet."
  type        = string
  default     = null
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
}

variable "database_user_arn" {
  description = "The database user (rds-db) as whom the application may log in."
  type        = string
  nullable    = false
}

variable "secrets" {
  description = "Containers of the application's secrets, without values."
  nullable    = false
  type = object({
    names         = list(string)
    recovery_days = number
    replicate     = bool
    rotation_days = number
  })

  validation {
    condition     = alltrue([for name in var.secrets.names : can(regex("^[a-z]([a-z0-9]|-[a-z0-9])*$", name))])
    error_message = "secrets.names are lower-case letters, digits and single hyphens, got ${jsonencode(var.secrets.names)}."
  }

  validation {
    condition     = length(var.secrets.names) == length(distinct(var.secrets.names))
    error_message = "secrets.names are named once each, got ${jsonencode(var.secrets.names)}."
  }

  validation {
    condition     = var.secrets.recovery_days == 0 || (var.secrets.recovery_days >= 7 && var.secrets.recovery_days <= 30)
    error_message = "secrets.recovery_days is 0 or 7 to 30, got ${var.secrets.recovery_days}."
  }

  validation {
    condition     = var.secrets.rotation_days >= 0 && var.secrets.rotation_days <= 1000
    error_message = "secrets.rotation_days is 0 to 1000, got ${var.secrets.rotation_days}."
  }

  validation {
    condition     = var.context.stage != "production" || var.secrets.recovery_days >= 7
    error_message = "secrets.recovery_days is at least 7 in production: a deleted secret can be had back."
  }
}
