output "log_group_names" {
  description = "Log groups by what they hold."
  value       = { for name, group in aws_cloudwatch_log_group.this : name => group.name }
}

output "topic_arns" {
  description = "SNS topics by severity."
  value       = { for name, topic in aws_sns_topic.this : name => topic.arn }

  depends_on = [aws_sns_topic_policy.this]
}
