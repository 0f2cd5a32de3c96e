locals {
  _policies   = "arn:${data.aws_partition.current.partition}:eks::aws:cluster-access-policy"
  _admin_arns = { for arn in var.cluster.admin_role_arns : element(split("/", arn), -1) => arn }

  _deployer_arns = { for arn in var.cluster.deployer_role_arns : element(split("/", arn), -1) => arn }
}

resource "aws_eks_access_entry" "admin" {
  for_each = local._admin_arns

  cluster_name  = aws_eks_cluster.this.name
  principal_arn = each.value
}

resource "aws_eks_access_policy_association" "admin" {
  for_each = aws_eks_access_entry.admin

  cluster_name  = aws_eks_cluster.this.name
  principal_arn = each.value.principal_arn
  policy_arn    = "${local._policies}/AmazonEKSClusterAdminPolicy"

  access_scope {
    type = "cluster"
  }
}

resource "aws_eks_access_entry" "deployer" {
  for_each = local._deployer_arns

  cluster_name      = aws_eks_cluster.this.name
  principal_arn     = each.value
  kubernetes_groups = ["opsctl-deployers"] # a name for RoleBindings that give more than the Edit policy
}

resource "aws_eks_access_policy_association" "deployer" {
  for_each = aws_eks_access_entry.deployer

  cluster_name  = aws_eks_cluster.this.name
  principal_arn = each.value.principal_arn
  policy_arn    = "${local._policies}/AmazonEKSEditPolicy"

  access_scope {
    type       = "namespace"
    namespaces = [var.context.namespace]
  }
}
