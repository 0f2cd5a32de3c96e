output "copy_vault_arn" {
  description = "Vault in the DR region; null where no copies are made."
  value       = one(values(aws_backup_vault.copy)[*].arn)
}

output "role_arn" {
  description = "Role that backs up and restores."
  value       = aws_iam_role.this.arn
}

output "vault_arn" {
  description = "Vault in the home region."
  value       = aws_backup_vault.this.arn
}

output "vault_name" {
  description = "Name of the vault in the home region."
  value       = aws_backup_vault.this.name
}
