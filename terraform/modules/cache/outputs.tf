output "address" {
  description = "Host name of the primary; follows it when another node takes over."
  value       = aws_elasticache_replication_group.this.primary_endpoint_address
}

output "arn" {
  description = "ARN of the replication group."
  value       = aws_elasticache_replication_group.this.arn
}

output "id" {
  description = "Name of the replication group; part of what an IAM token is made for."
  value       = aws_elasticache_replication_group.this.replication_group_id
}

output "port" {
  description = "TCP port."
  value       = aws_elasticache_replication_group.this.port
}

output "reader_address" {
  description = "Host name of the replicas; answers what may be a moment old."
  value       = aws_elasticache_replication_group.this.reader_endpoint_address
}

output "security_group_id" {
  description = "Security group of the nodes."
  value       = aws_security_group.this.id
}

output "user_arn" {
  description = "ARN of the user that the application logs in as, by IAM."
  value       = aws_elasticache_user.this["app"].arn
}

output "user_name" {
  description = "The user that the application logs in as, by IAM."
  value       = aws_elasticache_user.this["app"].user_name
}
