output "arn" {
  description = "ARN of the cluster."
  value       = aws_eks_cluster.this.arn
}

output "certificate_authority" {
  description = "Certificate of the API endpoint, base64."
  value       = aws_eks_cluster.this.certificate_authority[0].data
}

output "endpoint" {
  description = "Address of the Kubernetes API."
  value       = aws_eks_cluster.this.endpoint
}

output "name" {
  description = "Name of the cluster; ready once its nodes and add-ons are."
  value       = aws_eks_cluster.this.name

  depends_on = [aws_eks_addon.coredns, aws_eks_access_policy_association.admin, aws_eks_access_policy_association.deployer]
}

output "node_security_group_id" {
  description = "Security group that EKS makes and gives to control plane and nodes."
  value       = aws_eks_cluster.this.vpc_config[0].cluster_security_group_id
}

output "version" {
  description = "Kubernetes version."
  value       = aws_eks_cluster.this.version
}
