output "arn" {
  description = "ARN of the repository."
  value       = local.repository.arn
}

output "name" {
  description = "Name of the repository."
  value       = local.repository.name
}

output "repository_url" {
  description = "Address to push to and pull from, without a tag."
  value       = local.repository.url
}
