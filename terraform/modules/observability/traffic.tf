# Alarms that count two metrics against each other, and those of CloudFront, whose metrics are in us-east-1 only.
locals {
  # An alarm notifies topics of its own region only, so that another region needs topics of its own there.
  _cdn_topics = var.context.region == "us-east-1" ? toset([]) : setunion(
    toset(var.distribution == null ? [] : ["ticket"]),
    toset(length(local._probed) == 0 ? [] : ["page", "ticket"]),
  )
  _cdn_actions = var.context.region == "us-east-1" ? local._actions : {
    page   = [for topic in aws_sns_topic.cdn : topic.arn]
    ticket = [for name, topic in aws_sns_topic.cdn : topic.arn if name == "ticket"]
  }
}

resource "aws_cloudwatch_metric_alarm" "load_balancer_errors" {
  count = var.load_balancer == null ? 0 : 1

  alarm_name          = "${local.name}-load-balancer-errors"
  alarm_description   = "Page: the load balancer of ${local.name} answers with 5xx itself"
  comparison_operator = "GreaterThanThreshold"
  evaluation_periods  = 1
  threshold           = local._limits.load_balancer_errors
  treat_missing_data  = "notBreaching"
  alarm_actions       = local._actions.page
  ok_actions          = local._actions.page

  metric_query {
    id          = "failed"
    label       = "Errors of the load balancer, percent"
    expression  = "IF(${local._all} >= ${var.observability.slo.least_requests}, 100 * FILL(elb, 0) / ${local._all}, 0)"
    return_data = true
  }

  dynamic "metric_query" {
    for_each = { answered = "RequestCount", elb = "HTTPCode_ELB_5XX_Count" }

    content {
      id = metric_query.key

      metric {
        namespace   = "AWS/ApplicationELB"
        metric_name = metric_query.value
        dimensions  = { LoadBalancer = var.load_balancer.arn_suffix }
        period      = 300
        stat        = "Sum"
      }
    }
  }
}

resource "aws_cloudwatch_metric_alarm" "cdn_errors" {
  count    = var.distribution == null ? 0 : 1
  provider = aws.us_east_1

  alarm_name          = "${local.name}-cdn-errors"
  alarm_description   = "Ticket: CloudFront answers with 5xx for ${local.name}"
  namespace           = "AWS/CloudFront"
  metric_name         = "5xxErrorRate"
  dimensions          = { DistributionId = var.distribution.id, Region = "Global" }
  statistic           = "Average"
  period              = 300
  evaluation_periods  = 1
  comparison_operator = "GreaterThanThreshold"
  threshold           = local._limits.cdn_errors
  treat_missing_data  = "notBreaching"
  alarm_actions       = local._cdn_actions.ticket
  ok_actions          = local._cdn_actions.ticket
}

resource "aws_sns_topic" "cdn" {
  for_each = local._cdn_topics
  provider = aws.us_east_1

  name              = "${local.name}-cdn-${each.key}"
  kms_master_key_id = aws_kms_key.cdn[each.key].arn
}

resource "aws_kms_key" "cdn" {
  for_each = local._cdn_topics
  provider = aws.us_east_1

  description             = "Notifications of ${local.name} from CloudFront's region"
  enable_key_rotation     = true
  deletion_window_in_days = 30
  policy                  = jsonencode(merge(local._key_policy, { Statement = slice(local._key_policy.Statement, 0, 2) }))
}

resource "aws_sns_topic_subscription" "cdn" {
  for_each = { for name, subscriber in local._subscribers : name => subscriber if contains(local._cdn_topics, subscriber.topic) }
  provider = aws.us_east_1

  topic_arn              = aws_sns_topic.cdn[each.value.topic].arn
  protocol               = each.value.protocol
  endpoint               = each.value.endpoint
  endpoint_auto_confirms = each.value.protocol == "https"
}
