# Written by `opsctl render` as terraform.tfvars.json: one object a section of the environment file, same attribute
# names. Terraform drops a misspelt attribute of an object without a word; a test compares both sides.
# Rules about one section stand in its module; defaults stand in opsctl, so that there is one place for them.

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
}

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
}

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
}

variable "cluster" {
  description = "EKS control plane and its managed node group."
  nullable    = false
  type = object({
    version               = string
    support               = string # standard, extended
    existing_name         = string
    access                = string # in_vpc, ssm_tunnel, public_allowlist
    public_access_cidrs   = list(string)
    log_days              = number
    admin_role_arns       = list(string)
    deployer_role_arns    = list(string)
    operator_role_arns    = list(string)
    auditor_role_arns     = list(string)
    break_glass_role_arns = list(string)
    autoscaling           = string # none, cluster_autoscaler
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
}

variable "context" {
  description = "What this environment is: prefix of every name, stage, account, region and tags."
  nullable    = false
  type = object({
    name                     = string # "<application>-<environment>"
    application              = string
    environment              = string
    stage                    = string # development, staging, production
    namespace                = string # Kubernetes namespace of the application
    account_id               = string
    region                   = string
    dr_region                = string
    permissions_boundary_arn = string
    tags                     = map(string)
  })

  validation {
    condition     = can(regex("^[a-z]([a-z0-9]|-[a-z0-9])*$", var.context.name))
    error_message = "context.name begins with a letter and has lower-case letters, digits and single hyphens, got \"${var.context.name}\"."
  }

  validation { # the tightest is an IAM role: 64 characters with the longest suffix, "-aws-load-balancer-controller"
    condition     = length(var.context.name) <= 35
    error_message = "context.name prefixes names of up to 64 characters: at most 35, got ${length(var.context.name)}."
  }

  validation {
    condition     = contains(["development", "staging", "production"], var.context.stage)
    error_message = "context.stage is development, staging or production, got \"${var.context.stage}\"."
  }

  validation {
    condition     = can(regex("^[0-9]{12}$", var.context.account_id))
    error_message = "context.account_id is 12 digits, got \"${var.context.account_id}\"."
  }

  validation {
    condition     = alltrue([for key in keys(var.context.tags) : !contains(["application", "environment", "managed-by"], key)])
    error_message = "context.tags: application, environment and managed-by are set by opsctl."
  }
}

variable "cost" {
  description = "What the environment may cost, and who is told before it does."
  nullable    = false
  type = object({
    monthly_budget_usd = number # null: no budget
    alert_percentages  = list(number)
    alert_emails       = list(string)
    anomaly_usd        = number # null: nobody looks for unusual spending
    activate_tags      = bool
  })
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
}

variable "edge" {
  description = "What users reach: names, certificates, load balancer, CloudFront and its web ACL."
  nullable    = false
  type = object({
    kind                  = string # none, alb, cloudfront
    origin                = string # vpc_origin, public_alb
    origin_header_version = number
    domain                = string
    api_name              = string
    websocket_name        = string
    hosted_zone_id        = string
    certificate_arn       = string
    cdn_certificate_arn   = string
    log_days              = number
    alb = object({
      idle_timeout        = number
      client_keep_alive   = number
      deletion_protection = bool
    })
    api = object({
      deregistration_delay = number
      slow_start           = number
    })
    websocket = object({
      deregistration_delay = number
      slow_start           = number
    })
    health = object({
      interval  = number
      timeout   = number
      healthy   = number
      unhealthy = number
    })
    cloudfront = object({
      origin_timeout      = number
      origin_keep_alive   = number
      price_class         = string
      wait_for_deployment = bool
    })
    waf = object({
      mode                       = string # count, block
      requests_per_minute_per_ip = number
      api_key_header             = string
    })
  })
}

variable "network" {
  description = "VPC, its zones, and the way out."
  nullable    = false
  type = object({
    cidr          = string
    zones         = number
    nat           = string # none, single, per_zone
    endpoints     = string # none, minimal, standard, private
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
}

variable "observability" {
  description = "What is promised, what is watched, and who is told."
  nullable    = false
  type = object({
    log_days             = number
    log_shipper          = string
    probe_seconds        = number
    silent_minutes       = number
    prometheus           = string # managed, remote_write, none
    grafana              = string # managed, none
    grafana_admin_groups = list(string)
    dashboards           = list(string) # audiences
    slo = object({
      availability    = number
      latency_seconds = number
      latency_share   = number
      least_requests  = number
    })
    alerts = object({
      page_emails   = list(string)
      ticket_emails = list(string)
      page_webhook  = string
    })
    thresholds = object({
      websocket_ticket            = number
      websocket_page              = number
      database_connections_ticket = number
      database_connections_page   = number
      database_cpu                = number
      database_free_memory        = number
      database_free_storage       = number
      cache_cpu                   = number
      cache_memory                = number
      load_balancer_errors        = number
      cdn_errors                  = number
      rate_limited                = number
    })
    burn_alarms          = map(object({ severity = string, burn = number, long_seconds = number, short_seconds = number, failed_percent = number, slow_percent = number }))
    database_connections = number
    database_memory_gb   = number
    scrape = object({
      port            = number
      path            = string
      quiet_paths     = list(string)
      sockets_per_pod = number
    })
  })
}

variable "registry" {
  description = "ECR repository of the application's image."
  nullable    = false
  type = object({
    existing_url      = string
    keep_images       = number
    untagged_days     = number
    enhanced_scanning = bool
    replicate         = bool
  })
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
}

variable "services" {
  description = "What the application offers, and how much of it one user may have."
  nullable    = false
  type = object({
    rate_limit_per_minute = number
    api = object({
      port        = number
      health_path = string
    })
    websocket = object({
      port        = number
      path        = string
      health_path = string
    })
    metrics = object({
      path = string
    })
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
}

variable "state" {
  description = "Where Terraform's state is."
  nullable    = false
  type = object({
    bucket = string
    key    = string
  })
}
