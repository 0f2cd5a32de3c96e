# Written by `opsctl render` as terraform.tfvars.json.

variable "bucket" {
  description = "Name of the bucket that holds Terraform's state."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$", var.bucket))
    error_message = "bucket is 3 to 63 lower-case letters, digits and hyphens, got \"${var.bucket}\"."
  }
}

variable "context" {
  description = "Which account and region. One bucket serves every environment of an application there, each under its own key."
  nullable    = false
  type = object({
    application = string
    account_id  = string
    region      = string
    tags        = map(string)
  })
}
