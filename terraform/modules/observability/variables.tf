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

variable "observability" {
  description = "What is promised, what is watched, and who is told."
  nullable    = false
  type = object({
    log_days             = number
    log_shipper          = string # fluent_bit, none
    probe_seconds        = number # 10, 30, or 0 for none
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

  validation { # the only periods that CloudWatch accepts
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.observability.log_days)
    error_message = "observability.log_days is a retention period of CloudWatch (30, 90, 365 …), got ${var.observability.log_days}."
  }

  validation {
    condition     = contains(["fluent_bit", "none"], var.observability.log_shipper)
    error_message = "observability.log_shipper is fluent_bit or none, got \"${var.observability.log_shipper}\"."
  }

  validation { # the only intervals of Route 53
    condition     = contains([0, 10, 30], var.observability.probe_seconds)
    error_message = "observability.probe_seconds is 10, 30, or 0 for no probe, got ${var.observability.probe_seconds}."
  }

  validation { # CloudWatch counts in periods of five minutes here
    condition     = contains([5, 10, 15, 30, 60], var.observability.silent_minutes)
    error_message = "observability.silent_minutes is 5, 10, 15, 30 or 60, got ${var.observability.silent_minutes}."
  }

  validation {
    condition     = var.observability.slo.availability >= 99 && var.observability.slo.availability <= 99.99
    error_message = "observability.slo.availability is 99 to 99.99 percent, got ${var.observability.slo.availability}."
  }

  validation {
    condition     = contains(["managed", "remote_write", "none"], var.observability.prometheus)
    error_message = "observability.prometheus is managed, remote_write or none, got \"${var.observability.prometheus}\"."
  }

  validation {
    condition     = alltrue([for audience in var.observability.dashboards : contains(["development", "executive", "finance", "operations", "security"], audience)])
    error_message = "observability.dashboards are development, executive, finance, operations and security, got ${join(", ", var.observability.dashboards)}."
  }

  validation {
    condition     = contains(["managed", "none"], var.observability.grafana)
    error_message = "observability.grafana is managed or none, got \"${var.observability.grafana}\"."
  }

  validation {
    condition     = var.observability.grafana == "managed" || length(var.observability.grafana_admin_groups) == 0
    error_message = "observability.grafana_admin_groups have no effect: observability.grafana is none."
  }

  validation { # else an alarm of a burn of 14.4 could never ring
    condition     = alltrue([for burn in values(var.observability.burn_alarms) : burn.failed_percent < 100 && burn.slow_percent < 100])
    error_message = "observability.burn_alarms: more than 100 percent of requests never fail."
  }

  validation { # seven days are what CloudWatch looks back at most
    condition     = alltrue([for burn in values(var.observability.burn_alarms) : burn.short_seconds < burn.long_seconds && burn.long_seconds <= 604800])
    error_message = "observability.burn_alarms: a short window is shorter than its long one, which is 604800 seconds at most."
  }

  validation {
    condition     = alltrue([for burn in values(var.observability.burn_alarms) : contains(["page", "ticket"], burn.severity)])
    error_message = "observability.burn_alarms: a severity is page or ticket."
  }

  validation {
    condition     = var.observability.thresholds.database_connections_ticket < var.observability.thresholds.database_connections_page
    error_message = "observability.thresholds.database_connections_ticket (${var.observability.thresholds.database_connections_ticket}) warns before database_connections_page (${var.observability.thresholds.database_connections_page})."
  }

  validation {
    condition     = var.observability.thresholds.websocket_ticket < var.observability.thresholds.websocket_page
    error_message = "observability.thresholds.websocket_ticket (${var.observability.thresholds.websocket_ticket}) warns before websocket_page (${var.observability.thresholds.websocket_page})."
  }
}
