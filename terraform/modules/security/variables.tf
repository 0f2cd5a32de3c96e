variable "break_glass_role_arns" {
  description = "IAM roles for emergencies: each use of one raises an alarm, as each use of the root user does."
  type        = list(string)
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
}

variable "security" {
  description = "What watches the account, and what it keeps as evidence."
  nullable    = false
  type = object({
    compliance         = list(string)
    account_baseline   = bool
    services           = list(string)
    audit_log_days     = number
    audit_archive_days = number
    object_lock_days   = number
    alert_severity     = string # medium, high, critical
  })

  validation {
    condition     = length(setsubtract(var.security.compliance, ["gdpr", "iso27001", "soc2"])) == 0
    error_message = "security.compliance holds gdpr, iso27001 or soc2, got ${join(", ", var.security.compliance)}."
  }

  validation {
    condition = length(setsubtract(var.security.services, [
      "access_analyzer", "cloudtrail", "config", "ebs_encryption", "guardduty", "inspector", "password_policy",
      "public_access_block", "security_hub",
    ])) == 0
    error_message = "security.services names a service that is not known, got ${join(", ", var.security.services)}."
  }

  validation {
    condition     = contains(["medium", "high", "critical"], var.security.alert_severity)
    error_message = "security.alert_severity is medium, high or critical, got \"${var.security.alert_severity}\"."
  }

  validation {
    condition     = var.security.audit_archive_days > var.security.audit_log_days
    error_message = "security.audit_archive_days (${var.security.audit_archive_days}) is not more than security.audit_log_days (${var.security.audit_log_days})."
  }

  validation { # an object that is locked for longer would neither expire nor say why
    condition     = var.security.object_lock_days <= var.security.audit_archive_days
    error_message = "security.object_lock_days (${var.security.object_lock_days}) is more than security.audit_archive_days (${var.security.audit_archive_days})."
  }

  validation {
    condition     = !contains(var.security.compliance, "gdpr") || !startswith(var.context.region, "eu-") || startswith(var.context.dr_region, "eu-")
    error_message = "security.compliance has gdpr: data of ${var.context.region} has no copies in ${var.context.dr_region}."
  }
}

variable "state" {
  description = "Where Terraform's state is; the trail records each access to it."
  nullable    = false
  type = object({
    bucket = string
    key    = string
  })
}

variable "topic_arns" {
  description = "SNS topics that are told of findings, by a word; their policies have to let EventBridge and CloudWatch publish."
  type        = map(string)
  nullable    = false
}
