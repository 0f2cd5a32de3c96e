# Rules of Prometheus on the application's own counters, by the same figures as the alarms in slo.tf. Series are those of
# docs/app-contract.md; what health checks ask for is no user's request.
locals {
  _users  = "path!~\"${join("|", var.observability.scrape.quiet_paths)}\""
  _within = "le=~\"${var.observability.slo.latency_seconds}([.]0)?\"" # 2 and 2.0 are written either way
  _least  = var.observability.slo.least_requests

  # 300 → "5m", as records and ranges are written.
  _spans = { for seconds in distinct(flatten([for burn in values(var.observability.burn_alarms) : [burn.long_seconds, burn.short_seconds]])) : tostring(seconds) => "${seconds / 60}m" }

  _records = flatten([for span in values(local._spans) : [
    {
      record = "job:http_requests:increase_${span}"
      expr   = "sum(increase(http_requests_total{${local._users}}[${span}]))"
    },
    {
      record = "job:http_requests_failed:percent_${span}"
      expr   = "100 * (sum(rate(http_requests_total{${local._users},code=~\"5..\"}[${span}])) or vector(0)) / sum(rate(http_requests_total{${local._users}}[${span}]))"
    },
    {
      record = "job:http_requests_slow:percent_${span}"
      expr   = "100 * (1 - sum(rate(http_request_duration_seconds_bucket{${local._users},${local._within}}[${span}])) / sum(rate(http_request_duration_seconds_count{${local._users}}[${span}])))"
    },
  ]])

  _burn_rules = flatten([for name, burn in var.observability.burn_alarms : [for promise, about in {
    availability = { series = "failed", percent = burn.failed_percent, words = "failed" }
    latency      = { series = "slow", percent = burn.slow_percent, words = "were slow" }
    } : {
    alert  = "${title(promise)}Burn${name}"
    expr   = join(" and ", [for seconds in [burn.long_seconds, burn.short_seconds] : "job:http_requests_${about.series}:percent_${local._spans[seconds]} > ${about.percent} and job:http_requests:increase_${local._spans[seconds]} >= ${local._least}"])
    labels = { severity = burn.severity, promise = promise }
    annotations = {
      summary = "The budget for ${promise} of ${local.name} burns ${burn.burn} times too fast: over ${about.percent} % of requests ${about.words}"
    }
  }]])

  # Of one color, as the places of the idle one are nobody's.
  _sockets = "100 * sum by (color) (websocket_connections) / (count by (color) (websocket_connections) * ${var.observability.scrape.sockets_per_pod})"

  _saturation_rules = [
    {
      alert       = "WebsocketsNearlyFull"
      expr        = "${local._sockets} > ${local._limits.websocket_ticket}"
      "for"       = "5m"
      labels      = { severity = "ticket", promise = "sockets" }
      annotations = { summary = "{{ $labels.color }} of ${local.name} has {{ $value | humanize }} % of its WebSocket places in use" }
    },
    {
      alert       = "WebsocketsFull"
      expr        = "${local._sockets} > ${local._limits.websocket_page}"
      "for"       = "2m"
      labels      = { severity = "page", promise = "sockets" }
      annotations = { summary = "{{ $labels.color }} of ${local.name} has {{ $value | humanize }} % of its WebSocket places in use" }
    },
    {
      alert       = "ManyRateLimited"
      expr        = "100 * sum(rate(http_requests_total{code=\"429\"}[5m])) / sum(rate(http_requests_total{${local._users}}[5m])) > ${local._limits.rate_limited}"
      "for"       = "10m"
      labels      = { severity = "ticket", promise = "requests" }
      annotations = { summary = "{{ $value | humanize }} % of requests to ${local.name} are answered with 429" }
    },
    {
      alert       = "MetricsUnreachable"
      expr        = "count by (color) (up{job=\"application\"} == 0) > 0"
      "for"       = "10m"
      labels      = { severity = "ticket", promise = "metrics" }
      annotations = { summary = "{{ $value }} pods of {{ $labels.color }} of ${local.name} do not tell their metrics" }
    },
  ]

  # Watchdog always rings, at nobody: CloudWatch hears it, and pages when it stops (silence.tf). Before the first release
  # there is nothing to be silent, so that what is missed must have been there within a day.
  _silence_rules = [
    {
      alert       = "Watchdog"
      expr        = "vector(1)"
      labels      = { severity = "none" }
      annotations = { summary = "Rules of ${local.name} are judged" }
    },
    {
      alert       = "MetricsSilent"
      expr        = "absent(up{job=\"application\"}) and on() count(last_over_time(up{job=\"application\"}[1d]))"
      "for"       = "${var.observability.silent_minutes}m"
      labels      = { severity = "page", promise = "metrics" }
      annotations = { summary = "No pod of ${local.name} is asked for its metrics any more" }
    },
  ]

  _rule_groups = [
    { name = "recorded", interval = "1m", rules = local._records },
    { name = "burn", interval = "1m", rules = local._burn_rules },
    { name = "saturation", interval = "1m", rules = local._saturation_rules },
    { name = "silence", interval = "1m", rules = local._silence_rules },
  ]
}
