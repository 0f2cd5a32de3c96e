variable "backup" {
  description = "AWS Backup: vaults, plan, locks and restore tests."
  nullable    = false
  type = object({
    schedule          = string # none, daily
    keep_days         = number
    copy_days         = number
    continuous        = bool
    lock              = string # none, governance, compliance
    lock_min_days     = number
    lock_max_days     = number
    lock_cooling_days = number
    restore_test      = string # none, weekly, monthly
    rpo_minutes       = number
    rto_minutes       = number
  })

  validation {
    condition     = contains(["none", "daily"], var.backup.schedule)
    error_message = "backup.schedule is none or daily, got \"${var.backup.schedule}\"."
  }

  validation {
    condition     = contains(["none", "governance", "compliance"], var.backup.lock)
    error_message = "backup.lock is none, governance or compliance, got \"${var.backup.lock}\"."
  }

  validation {
    condition     = contains(["none", "weekly", "monthly"], var.backup.restore_test)
    error_message = "backup.restore_test is none, weekly or monthly, got \"${var.backup.restore_test}\"."
  }

  validation { # AWS Backup refuses the backup itself, at night
    condition     = var.backup.lock == "none" || (var.backup.keep_days >= var.backup.lock_min_days && var.backup.keep_days <= var.backup.lock_max_days)
    error_message = "backup.keep_days (${var.backup.keep_days}) is outside of what the lock allows, ${var.backup.lock_min_days} to ${var.backup.lock_max_days}."
  }

  validation {
    condition     = var.backup.lock == "none" || var.backup.copy_days == 0 || (var.backup.copy_days >= var.backup.lock_min_days && var.backup.copy_days <= var.backup.lock_max_days)
    error_message = "backup.copy_days (${var.backup.copy_days}) is outside of what the lock allows, ${var.backup.lock_min_days} to ${var.backup.lock_max_days}."
  }

  validation {
    condition     = var.backup.lock_cooling_days >= 3
    error_message = "backup.lock_cooling_days is at least 3, got ${var.backup.lock_cooling_days}."
  }

  validation {
    condition     = !var.backup.continuous || var.backup.keep_days <= 35
    error_message = "backup.keep_days is at most 35 with backup.continuous, got ${var.backup.keep_days}."
  }

  validation {
    condition     = var.context.stage != "production" || var.backup.restore_test != "none"
    error_message = "backup.restore_test is weekly or monthly in production: a backup that was never restored is a hope."
  }
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

variable "database" {
  description = "What is backed up, and where its restore is tested."
  nullable    = false
  type = object({
    arn               = string
    security_group_id = string
    subnet_group_name = string
  })
}

variable "topic_arns" {
  description = "SNS topics that are told of trouble, by a word; their policies have to let EventBridge and CloudWatch publish."
  type        = map(string)
  nullable    = false
}
