output "role_arns" {
  description = "Roles of the pipeline by what a job does; empty without a repository."
  value       = { for job, role in aws_iam_role.this : job => role.arn }
}
