# Burn-rate alarms: each watches one window, and a composite alarm tells when both of its windows are too bad. Only the
# composite ones notify.
locals {
  _burns = var.load_balancer == null ? {} : var.observability.burn_alarms

  _windows = merge([for name, burn in local._burns : {
    "${name}-long"  = { seconds = burn.long_seconds, failed_percent = burn.failed_percent, slow_percent = burn.slow_percent }
    "${name}-short" = { seconds = burn.short_seconds, failed_percent = burn.failed_percent, slow_percent = burn.slow_percent }
  }]...)

  # Requests that found no target are counted as the load balancer's own errors only, hence in both places.
  _all    = "(FILL(answered, 0) + FILL(elb, 0))"
  _failed = "IF(${local._all} >= ${var.observability.slo.least_requests}, 100 * (FILL(target, 0) + FILL(elb, 0)) / ${local._all}, 0)"
  _slow   = "IF(FILL(answered, 0) >= ${var.observability.slo.least_requests}, slow, 0)"

  _counts = { answered = "RequestCount", elb = "HTTPCode_ELB_5XX_Count", target = "HTTPCode_Target_5XX_Count" }
}

resource "aws_cloudwatch_metric_alarm" "availability" {
  for_each = local._windows

  alarm_name          = "${local.name}-availability-${each.key}"
  alarm_description   = "Share of requests answered with 5xx, one of two windows: ${local.name}-availability-${trimsuffix(trimsuffix(each.key, "-long"), "-short")} notifies"
  comparison_operator = "GreaterThanThreshold"
  evaluation_periods  = 1
  threshold           = each.value.failed_percent
  treat_missing_data  = "notBreaching"

  metric_query {
    id          = "failed"
    label       = "Failed requests, percent"
    expression  = local._failed
    return_data = true
  }

  dynamic "metric_query" {
    for_each = local._counts

    content {
      id = metric_query.key

      metric {
        namespace   = "AWS/ApplicationELB"
        metric_name = metric_query.value
        dimensions  = { LoadBalancer = var.load_balancer.arn_suffix }
        period      = each.value.seconds
        stat        = "Sum"
      }
    }
  }
}

resource "aws_cloudwatch_metric_alarm" "latency" {
  for_each = local._windows

  alarm_name          = "${local.name}-latency-${each.key}"
  alarm_description   = "Share of slow requests, one of two windows: ${local.name}-latency-${trimsuffix(trimsuffix(each.key, "-long"), "-short")} notifies"
  comparison_operator = "GreaterThanThreshold"
  evaluation_periods  = 1
  threshold           = each.value.slow_percent
  treat_missing_data  = "notBreaching"

  metric_query {
    id          = "too_slow"
    label       = "Slow requests, percent"
    expression  = local._slow
    return_data = true
  }

  dynamic "metric_query" {
    for_each = { # PR(2:) is the share of answers that took longer than 2 s, percent
      answered = { metric = "RequestCount", statistic = "Sum" }
      slow     = { metric = "TargetResponseTime", statistic = "PR(${var.observability.slo.latency_seconds}:)" }
    }

    content {
      id = metric_query.key

      metric {
        namespace   = "AWS/ApplicationELB"
        metric_name = metric_query.value.metric
        dimensions  = { LoadBalancer = var.load_balancer.arn_suffix }
        period      = each.value.seconds
        stat        = metric_query.value.statistic
      }
    }
  }
}

resource "aws_cloudwatch_composite_alarm" "availability" {
  for_each = local._burns

  alarm_name        = "${local.name}-availability-${each.key}"
  alarm_description = "${title(each.value.severity)}: the error budget burns ${each.value.burn} times too fast; over ${each.value.failed_percent} % of requests failed"
  alarm_rule        = join(" AND ", [for window in ["long", "short"] : "ALARM(\"${aws_cloudwatch_metric_alarm.availability["${each.key}-${window}"].alarm_name}\")"])
  alarm_actions     = local._actions[each.value.severity]
  ok_actions        = local._actions[each.value.severity]
}

resource "aws_cloudwatch_composite_alarm" "latency" {
  for_each = local._burns

  alarm_name        = "${local.name}-latency-${each.key}"
  alarm_description = "${title(each.value.severity)}: the latency budget burns ${each.value.burn} times too fast; over ${each.value.slow_percent} % of requests were slow"
  alarm_rule        = join(" AND ", [for window in ["long", "short"] : "ALARM(\"${aws_cloudwatch_metric_alarm.latency["${each.key}-${window}"].alarm_name}\")"])
  alarm_actions     = local._actions[each.value.severity]
  ok_actions        = local._actions[each.value.severity]
}
