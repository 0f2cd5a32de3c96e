locals {
  _shown = {
    development = ["latency", "errors", "requests", "connections", "queries", "cache", "hits"]
    executive   = ["promise", "latency", "requests", "sockets", "charges"]
    finance     = ["charges", "bytes", "logs", "requests"]
    operations  = ["promise", "latency", "errors", "requests", "sockets", "colors", "cdn", "pending", "connections", "database", "storage", "cache"]
    security    = ["forbidden", "cdn", "backups", "errors"]
  }
}

resource "aws_cloudwatch_dashboard" "this" {
  for_each = toset(var.observability.dashboards)

  dashboard_name = "${local.name}-${each.key}"
  dashboard_body = jsonencode({
    widgets = [for number, name in [for name in local._shown[each.key] : name if contains(keys(local._widgets), name)] : {
      type       = "metric"
      width      = 12 # two beside each other
      height     = 6
      x          = number % 2 * 12
      y          = floor(number / 2) * 6
      properties = merge({ region = local._region, period = 300, view = "timeSeries" }, local._widgets[name])
    }]
  })
}
