variable "ci" {
  description = "Who may do what from GitHub Actions."
  nullable    = false
  type = object({
    repository    = string # owner/name; null makes nothing
    oidc_provider = string # create, existing
    subjects = object({
      plan   = list(string)
      apply  = list(string)
      push   = list(string)
      deploy = list(string)
    })
  })

  validation {
    condition     = var.ci.repository == null || can(regex("^[A-Za-z0-9-]+/[A-Za-z0-9._-]+$", var.ci.repository))
    error_message = "ci.repository is owner/name, got \"${coalesce(var.ci.repository, "null")}\"."
  }

  validation {
    condition     = contains(["create", "existing"], var.ci.oidc_provider)
    error_message = "ci.oidc_provider is create or existing, got \"${var.ci.oidc_provider}\"."
  }

  validation { # an empty list would trust nobody; none at all would trust all of GitHub
    condition     = var.ci.repository == null || alltrue([for subjects in values(var.ci.subjects) : length(coalesce(subjects, [])) > 0])
    error_message = "ci.subjects names for each role whom it trusts."
  }

  validation {
    condition     = alltrue([for subject in flatten([for subjects in values(var.ci.subjects) : coalesce(subjects, [])]) : can(regex("^repo:[^*?]+$", subject))])
    error_message = "ci.subjects are whole subjects such as repo:owner/name:environment:prod, without wildcards."
  }
}

variable "cluster_name" {
  description = "The cluster that jobs release to. By name: it waits for their roles, so it may not be there yet."
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
}

variable "repository_arn" {
  description = "The registry's repository that jobs push to."
  type        = string
  nullable    = false
}

variable "state" {
  description = "Where Terraform's state is; a plan reads and locks it."
  nullable    = false
  type = object({
    bucket = string
    key    = string
  })
}
