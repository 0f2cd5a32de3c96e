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

variable "cluster" {
  description = "EKS control plane and its managed node group."
  nullable    = false
  type = object({
    version               = string
    support               = string
    existing_name         = string
    access                = string
    public_access_cidrs   = list(string)
    log_days              = number
    admin_role_arns       = list(string)
    deployer_role_arns    = list(string)
    operator_role_arns    = list(string)
    auditor_role_arns     = list(string)
    break_glass_role_arns = list(string)
    autoscaling           = string
    addon_versions        = map(string)
    nodes = object({
      instance_types = list(string)
      ami_type       = string
      min            = number
      max            = number
      disk_gb        = number
      log_file_mb    = number
      log_files      = number
    })
  })

  validation {
    condition     = can(regex("^1\\.[0-9]{2}$", var.cluster.version))
    error_message = "cluster.version is a Kubernetes minor version such as 1.35, got \"${var.cluster.version}\"."
  }

  validation {
    condition     = alltrue([for cidr in var.cluster.public_access_cidrs : can(cidrhost(cidr, 0))])
    error_message = "cluster.public_access_cidrs holds address ranges such as 203.0.113.0/24, got ${jsonencode(var.cluster.public_access_cidrs)}."
  }

  validation {
    condition     = var.context.stage != "production" || !contains(var.cluster.public_access_cidrs, "0.0.0.0/0")
    error_message = "cluster.public_access_cidrs opens the API to everyone (0.0.0.0/0), which production refuses."
  }

  validation { # the only periods that CloudWatch accepts
    condition = contains(
      [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653],
      var.cluster.log_days,
    )
    error_message = "cluster.log_days must be a CloudWatch retention period such as 30, 90, 365 or 731, got ${var.cluster.log_days}."
  }

  validation {
    condition     = alltrue([for arn in flatten([for key, arns in var.cluster : arns if endswith(key, "_role_arns")]) : can(regex("^arn:aws[a-z-]*:iam::[0-9]{12}:role/.+$", arn))])
    error_message = "cluster.*_role_arns hold ARNs of IAM roles, got ${jsonencode(flatten([for key, arns in var.cluster : arns if endswith(key, "_role_arns")]))}."
  }

  validation { # an access entry is one a role, and its Terraform key is the role's name
    condition = length(flatten([for key, arns in var.cluster : arns if endswith(key, "_role_arns")])) == length(distinct([
      for arn in flatten([for key, arns in var.cluster : arns if endswith(key, "_role_arns")]) : element(split("/", arn), -1)
    ]))
    error_message = "cluster.*_role_arns name a role twice (role names must differ, whatever their path)."
  }

  validation {
    condition     = contains(["standard", "extended"], var.cluster.support)
    error_message = "cluster.support is standard or extended, got \"${var.cluster.support}\"."
  }

  validation {
    condition     = contains(["in_vpc", "ssm_tunnel", "public_allowlist"], var.cluster.access)
    error_message = "cluster.access is in_vpc, ssm_tunnel or public_allowlist, got \"${var.cluster.access}\"."
  }

  validation {
    condition     = (var.cluster.access == "public_allowlist") == (length(var.cluster.public_access_cidrs) > 0)
    error_message = "cluster.access public_allowlist and cluster.public_access_cidrs go together, got ${var.cluster.access} and ${jsonencode(var.cluster.public_access_cidrs)}."
  }

  validation {
    condition     = contains(["none", "cluster_autoscaler"], var.cluster.autoscaling)
    error_message = "cluster.autoscaling is none or cluster_autoscaler, got \"${var.cluster.autoscaling}\"."
  }

  validation {
    condition     = var.cluster.nodes.min <= var.cluster.nodes.max
    error_message = "cluster.nodes.min (${var.cluster.nodes.min}) is more than cluster.nodes.max (${var.cluster.nodes.max})."
  }

  validation {
    condition     = length(var.cluster.nodes.instance_types) > 0
    error_message = "cluster.nodes.instance_types names no instance type."
  }

  validation { # Graviton types carry a g after the generation: m7g, c7gn, r8gd, t4g
    condition = alltrue([
      for type in var.cluster.nodes.instance_types :
      can(regex("^[a-z]+[0-9]+g[a-z]*\\.", type)) == can(regex("ARM_64", var.cluster.nodes.ami_type))
    ])
    error_message = "cluster.nodes.ami_type ${var.cluster.nodes.ami_type} does not fit the processors of ${join(", ", var.cluster.nodes.instance_types)}."
  }

  validation {
    condition     = var.cluster.nodes.disk_gb >= 20
    error_message = "cluster.nodes.disk_gb is at least 20, got ${var.cluster.nodes.disk_gb}."
  }
}
