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

variable "registry" {
  description = "ECR repository of the application's image."
  nullable    = false
  type = object({
    existing_url      = string # null makes one
    keep_images       = number
    untagged_days     = number
    enhanced_scanning = bool
    replicate         = bool
  })

  validation {
    condition     = var.registry.existing_url == null || can(regex("^[0-9]{12}\\.dkr\\.ecr\\.[a-z0-9-]+\\.amazonaws\\.com(\\.cn)?/[a-z0-9][a-z0-9._/-]*$", var.registry.existing_url))
    error_message = "registry.existing_url is ACCOUNT.dkr.ecr.REGION.amazonaws.com/NAME without a tag, got ${jsonencode(var.registry.existing_url)}."
  }

  validation { # both colors and the one before must still be there to roll back to
    condition     = var.registry.keep_images >= 3
    error_message = "registry.keep_images is at least 3 (two colors and one to go back to), got ${var.registry.keep_images}."
  }

  validation {
    condition     = var.registry.untagged_days >= 1
    error_message = "registry.untagged_days is at least 1, got ${var.registry.untagged_days}."
  }

  validation {
    condition     = !var.registry.replicate || var.context.dr_region != var.context.region
    error_message = "registry.replicate needs another region than ${var.context.region} as aws.dr_region."
  }
}
