output "address" {
  description = "Host name of the instance."
  value       = aws_db_instance.this.address
}

output "arn" {
  description = "ARN of the instance."
  value       = aws_db_instance.this.arn
}

output "identifier" {
  description = "Name of the instance."
  value       = aws_db_instance.this.identifier
}

output "name" {
  description = "Database on the instance."
  value       = aws_db_instance.this.db_name
}

output "port" {
  description = "TCP port."
  value       = aws_db_instance.this.port
}

output "secret_arn" {
  description = "Secret with the master password, which RDS manages and rotates."
  value       = aws_db_instance.this.master_user_secret[0].secret_arn
}

output "security_group_id" {
  description = "Security group of the instance."
  value       = aws_security_group.this.id
}

output "subnet_group_name" {
  description = "Subnet group of the instance."
  value       = aws_db_subnet_group.this.name
}

output "user_arn" {
  description = "ARN (rds-db) of the user that the application logs in as, by IAM."
  value       = "arn:${data.aws_partition.current.partition}:rds-db:${var.context.region}:${var.context.account_id}:dbuser:${aws_db_instance.this.resource_id}/${var.database.user}"
}

output "user_name" {
  description = "The user that the application logs in as, by IAM; a migration has to make it."
  value       = var.database.user
}
