# A version that is not given is left to EKS, which installs its default for the cluster's version and never moves it.

locals {
  _before_nodes = {
    eks-pod-identity-agent = null
    kube-proxy             = null
    vpc-cni                = jsonencode({ enableNetworkPolicy = "true" }) # off by default: policies would have no effect
  }
  _after_nodes = {
    aws-ebs-csi-driver        = null
    coredns                   = jsonencode({ autoScaling = { enabled = true } })
    eks-node-monitoring-agent = null # tells node repair what is broken
    metrics-server            = null
  }
}

resource "aws_eks_addon" "before_nodes" {
  for_each = local.made ? local._before_nodes : {}

  cluster_name                = aws_eks_cluster.this[0].name
  addon_name                  = each.key
  addon_version               = lookup(var.cluster.addon_versions, each.key, null)
  configuration_values        = each.value
  resolve_conflicts_on_create = "OVERWRITE"
  resolve_conflicts_on_update = "OVERWRITE"
}

resource "aws_eks_addon" "after_nodes" {
  for_each = local.made ? local._after_nodes : {}

  cluster_name                = aws_eks_cluster.this[0].name
  addon_name                  = each.key
  addon_version               = lookup(var.cluster.addon_versions, each.key, null)
  configuration_values        = each.value
  resolve_conflicts_on_create = "OVERWRITE"
  resolve_conflicts_on_update = "OVERWRITE"

  # Without nodes to run on they are degraded, hence failed; without an identity the driver makes no volume.
  depends_on = [aws_eks_node_group.this, aws_eks_pod_identity_association.this]
}

moved {
  from = aws_eks_addon.coredns
  to   = aws_eks_addon.after_nodes["coredns"]
}
