output "arn" {
  description = "ARN of the cluster."
  value       = local.cluster.arn
}

output "certificate_authority" {
  description = "Certificate of the API endpoint, base64."
  value       = local.cluster.certificate_authority
}

output "endpoint" {
  description = "Address of the Kubernetes API."
  value       = local.cluster.endpoint
}

output "name" {
  description = "Name of the cluster; ready once its nodes, add-ons and rights are."
  value       = local.cluster.name

  depends_on = [aws_eks_addon.after_nodes, aws_eks_access_policy_association.this]
}

output "node_security_group_id" {
  description = "Security group that EKS makes and gives to control plane and nodes."
  value       = local.cluster.cluster_security_group_id
}

output "version" {
  description = "Kubernetes version."
  value       = local.cluster.version
}
