output "alb_arn" {
  description = "ARN of the load balancer."
  value       = aws_lb.this.arn
}

output "alb_arn_suffix" {
  description = "The load balancer's name in CloudWatch."
  value       = aws_lb.this.arn_suffix
}

output "alb_security_group_id" {
  description = "Security group of the load balancer."
  value       = aws_security_group.this.id
}

output "distribution_domain" {
  description = "CloudFront's own name of the distribution; null without CloudFront."
  value       = one(values(aws_cloudfront_distribution.this)[*].domain_name)
}

output "distribution_id" {
  description = "Id of the distribution; null without CloudFront."
  value       = one(values(aws_cloudfront_distribution.this)[*].id)
}

output "listener_arn" {
  description = "The HTTPS listener."
  value       = aws_lb_listener.https.arn
}

output "name_servers" {
  description = "Where the domain has to be delegated to; empty where the zone was there before."
  value       = flatten(values(aws_route53_zone.this)[*].name_servers)
}

output "rule_arns" {
  description = "Rules whose weights opsctl moves, by service."
  value       = { for service, rule in aws_lb_listener_rule.users : service => rule.arn }
}

output "target_group_arn_suffixes" {
  description = "Target groups' names in CloudWatch, by service and color."
  value       = { for place in keys(local.backends) : place => aws_lb_target_group.backend[place].arn_suffix }
}

output "target_group_arns" {
  description = "Target groups by service and color, such as api-blue."
  value       = { for place in keys(local.backends) : place => aws_lb_target_group.backend[place].arn }
}

output "urls" {
  description = "Where users go."
  value       = { api = "https://${local.hosts["api"]}", websocket = "wss://${local.hosts["websocket"]}${var.services.websocket.path}" }
}

output "web_acl_arn" {
  description = "ARN of the web ACL; null without CloudFront."
  value       = one(values(aws_wafv2_web_acl.this)[*].arn)
}

output "web_acl_name" {
  description = "The web ACL's name in CloudWatch; null without CloudFront."
  value       = one(values(aws_wafv2_web_acl.this)[*].name)
}

output "zone_id" {
  description = "Route 53 zone of the names."
  value       = local.zone_id
}
