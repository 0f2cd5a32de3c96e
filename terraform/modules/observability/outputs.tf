output "log_group_names" {
  description = "Log groups by what they hold."
  value       = { for name, group in aws_cloudwatch_log_group.this : name => group.name }
}

output "grafana_address" {
  description = "Host name of Grafana; null where there is none."
  value       = one([for workspace in aws_grafana_workspace.this : workspace.endpoint])
}

output "prometheus_address" {
  description = "Where Prometheus is asked, signed by IAM; null where there is none."
  value       = one([for workspace in aws_prometheus_workspace.this : workspace.prometheus_endpoint])
}

output "topic_arns" {
  description = "SNS topics by severity."
  value       = { for name, topic in aws_sns_topic.this : name => topic.arn }

  depends_on = [aws_sns_topic_policy.this]
}
