# Who notices that nobody watches any more? Each alarm here wants to hear something that never stops while all is well,
# and takes its absence for trouble. Prometheus has one of its own: MetricsSilent (rules.tf).
locals {
  # By what falls silent: metrics that are added up, by a word.
  _heartbeats = merge(
    { for cluster in var.cluster[*] : "cluster" => { # every node asks the API, day and night
      namespace  = "AWS/EKS"
      metric     = "apiserver_request_total"
      dimensions = { requests = { ClusterName = cluster.name } }
    } },
    { for shipper in aws_eks_addon.shipper : "logs" => { # of all nodes together
      namespace  = "AWS/Logs"
      metric     = "IncomingLogEvents"
      dimensions = { for name, group in aws_cloudwatch_log_group.this : name => { LogGroupName = group.name } }
    } },
    { for workspace in aws_prometheus_workspace.this : "prometheus" => { # the alert Watchdog, which always rings
      namespace  = "AWS/Prometheus"
      metric     = "AlertManagerAlertsReceived"
      dimensions = { alerts = { Workspace = workspace.id } }
    } },
  )
}

resource "aws_cloudwatch_metric_alarm" "silence" {
  for_each = local._heartbeats

  alarm_name          = "${local.name}-silence-${each.key}"
  alarm_description   = "Page: nothing was heard of ${local.name}'s ${each.key} for ${var.observability.silent_minutes} minutes; what else is wrong, nobody sees"
  comparison_operator = "LessThanThreshold"
  evaluation_periods  = var.observability.silent_minutes / 5
  threshold           = 1
  treat_missing_data  = "breaching" # here, silence is the trouble
  alarm_actions       = local._actions.page
  ok_actions          = local._actions.page

  metric_query {
    id          = "heard"
    label       = each.value.metric
    expression  = "SUM([${join(", ", keys(each.value.dimensions))}])"
    return_data = true
  }

  dynamic "metric_query" {
    for_each = each.value.dimensions

    content {
      id = metric_query.key

      metric {
        namespace   = each.value.namespace
        metric_name = each.value.metric
        dimensions  = metric_query.value
        period      = 300
        stat        = "Sum"
      }
    }
  }
}
