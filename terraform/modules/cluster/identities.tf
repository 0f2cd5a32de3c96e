# Rights of the cluster's own pods, by Pod Identity: a service account, a role, and nothing by way of the node.

locals {
  _iam = "arn:${data.aws_partition.current.partition}:iam::aws:policy"

  _identities = merge(
    {
      aws-load-balancer-controller = { account = "aws-load-balancer-controller", policy_arn = null }
      ebs-csi                      = { account = "ebs-csi-controller-sa", policy_arn = "${local._iam}/service-role/AmazonEBSCSIDriverPolicy" }
      vpc-cni                      = { account = "aws-node", policy_arn = "${local._iam}/AmazonEKS_CNI_Policy" }
    },
    { for name in ["cluster-autoscaler"] : name => { account = name, policy_arn = null } if var.cluster.autoscaling == "cluster_autoscaler" },
  )
  identities = { for name, identity in local._identities : name => identity if local.made }

  # The service accounts are named in the trust, too: an association by hand gives no other pod these rights.
  _pod_trusts = {
    for name, identity in local.identities : name => {
      Version = "2012-10-17"
      Statement = [{
        Effect    = "Allow"
        Action    = ["sts:AssumeRole", "sts:TagSession"]
        Principal = { Service = "pods.eks.amazonaws.com" }
        Condition = { StringEquals = {
          "aws:SourceAccount"                         = var.context.account_id
          "aws:RequestTag/kubernetes-namespace"       = "kube-system"
          "aws:RequestTag/kubernetes-service-account" = identity.account
          "aws:RequestTag/eks-cluster-name"           = local.name
        } }
      }]
    }
  }
}

resource "aws_iam_role" "pod" {
  for_each = local.identities

  name                 = "${local.name}-${each.key}"
  assume_role_policy   = jsonencode(local._pod_trusts[each.key])
  permissions_boundary = var.context.permissions_boundary_arn
}

resource "aws_iam_role_policy_attachment" "pod" {
  for_each = { for name, identity in local.identities : name => identity.policy_arn if identity.policy_arn != null }

  role       = aws_iam_role.pod[each.key].name
  policy_arn = each.value
}

resource "aws_eks_pod_identity_association" "this" {
  for_each = local.identities

  cluster_name    = aws_eks_cluster.this[0].name
  namespace       = "kube-system"
  service_account = each.value.account
  role_arn        = aws_iam_role.pod[each.key].arn

  depends_on = [aws_iam_role_policy.pod, aws_iam_role_policy_attachment.pod]
}
