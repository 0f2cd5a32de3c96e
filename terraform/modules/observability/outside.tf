# Do users get in? Asked from outside, as what is inside cannot see that a name, a certificate or CloudFront is gone.
locals {
  _probed = var.observability.probe_seconds > 0 && var.site != null ? { this = var.site } : {}
}

resource "aws_route53_health_check" "outside" {
  for_each = local._probed

  type              = "HTTPS"
  fqdn              = each.value.host
  port              = 443
  enable_sni        = true # CloudFront finds the certificate by it
  resource_path     = each.value.path
  request_interval  = var.observability.probe_seconds
  failure_threshold = 3

  tags = { Name = "${local.name}-outside" } # the console's only name for it
}

# Route 53's metrics, as CloudFront's, are in us-east-1 only.
resource "aws_cloudwatch_metric_alarm" "outside" {
  for_each = local._probed
  provider = aws.us_east_1

  alarm_name          = "${local.name}-outside"
  alarm_description   = "Page: from outside, https://${each.value.host}${each.value.path} gets no good answer"
  namespace           = "AWS/Route53"
  metric_name         = "HealthCheckStatus"
  dimensions          = { HealthCheckId = aws_route53_health_check.outside[each.key].id }
  statistic           = "Minimum"
  period              = 60
  evaluation_periods  = 2
  comparison_operator = "LessThanThreshold"
  threshold           = 1
  treat_missing_data  = "breaching" # Route 53 never stops asking
  alarm_actions       = local._cdn_actions.page
  ok_actions          = local._cdn_actions.page
}
