output "arns" {
  description = "ARN of each secret by its name."
  value       = { for name, secret in aws_secretsmanager_secret.this : name => secret.arn }
}

output "kms_key_arn" {
  description = "Key that the secrets are encrypted with."
  value       = aws_kms_key.this.arn
}

output "prefix" {
  description = "What each secret's name in AWS begins with."
  value       = "${local.name}/"
}

output "role_arn" {
  description = "Role of the application's pods."
  value       = aws_iam_role.app.arn
}
