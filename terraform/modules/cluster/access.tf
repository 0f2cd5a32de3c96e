# Who may enter, and what each may do there: by AWS's own policies, all over the cluster or in our namespace only.

locals {
  _rights = {
    admins      = { arns = var.cluster.admin_role_arns, policy = "AmazonEKSClusterAdminPolicy", scope = "cluster" }
    break-glass = { arns = var.cluster.break_glass_role_arns, policy = "AmazonEKSClusterAdminPolicy", scope = "cluster" }
    auditors    = { arns = var.cluster.auditor_role_arns, policy = "AmazonEKSViewPolicy", scope = "cluster" } # no Secrets
    operators   = { arns = var.cluster.operator_role_arns, policy = "AmazonEKSAdminPolicy", scope = "namespace" }
    deployers   = { arns = var.cluster.deployer_role_arns, policy = "AmazonEKSEditPolicy", scope = "namespace" }
  }
  _entries = merge([
    for kind, right in local._rights : {
      for arn in right.arns : element(split("/", arn), -1) => merge(right, { arn = arn, group = "opsctl-${kind}" })
    }
  ]...)

  entries = { for role, entry in local._entries : role => entry if local.made }
}

resource "aws_eks_access_entry" "this" {
  for_each = local.entries

  cluster_name      = aws_eks_cluster.this[0].name
  principal_arn     = each.value.arn
  kubernetes_groups = [each.value.group] # for RoleBindings that give more than the policy

  depends_on = [var.pipeline_role_arns] # EKS refuses a role that is not there yet
}

resource "aws_eks_access_policy_association" "this" {
  for_each = local.entries

  cluster_name  = aws_eks_cluster.this[0].name
  principal_arn = aws_eks_access_entry.this[each.key].principal_arn
  policy_arn    = "arn:${data.aws_partition.current.partition}:eks::aws:cluster-access-policy/${each.value.policy}"

  access_scope {
    type       = each.value.scope
    namespaces = each.value.scope == "namespace" ? [var.context.namespace] : null
  }
}

check "somebody_may_administer" {
  assert {
    condition     = !local.made || length(concat(var.cluster.admin_role_arns, var.cluster.break_glass_role_arns)) > 0
    error_message = "cluster.admin_role_arns is empty: nobody can enter the cluster until an access entry is made."
  }
}
