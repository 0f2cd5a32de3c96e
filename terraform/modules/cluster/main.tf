locals {
  made = var.cluster.existing_name == null # else existing.tf reads somebody else's cluster, and nothing is made
  name = var.context.name

  _control_plane_trust = {
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "eks.amazonaws.com" }
    }]
  }
}

data "aws_partition" "current" {}

resource "aws_kms_key" "secrets" {
  count = local.made ? 1 : 0

  description             = "Kubernetes Secrets of ${local.name}"
  enable_key_rotation     = true
  deletion_window_in_days = 30
}

resource "aws_kms_alias" "secrets" {
  count = local.made ? 1 : 0

  name          = "alias/${local.name}-cluster"
  target_key_id = aws_kms_key.secrets[0].key_id
}

# EKS would make this log group itself, and keep it for ever.
resource "aws_cloudwatch_log_group" "control_plane" {
  count = local.made ? 1 : 0

  name              = "/aws/eks/${local.name}/cluster"
  retention_in_days = var.cluster.log_days
}

resource "aws_iam_role" "control_plane" {
  count = local.made ? 1 : 0

  name                 = "${local.name}-cluster"
  assume_role_policy   = jsonencode(local._control_plane_trust)
  permissions_boundary = var.context.permissions_boundary_arn
}

resource "aws_iam_role_policy_attachment" "control_plane" {
  count = local.made ? 1 : 0

  role       = aws_iam_role.control_plane[0].name
  policy_arn = "arn:${data.aws_partition.current.partition}:iam::aws:policy/AmazonEKSClusterPolicy"
}

resource "aws_eks_cluster" "this" {
  count = local.made ? 1 : 0

  name     = local.name
  role_arn = aws_iam_role.control_plane[0].arn
  version  = var.cluster.version

  bootstrap_self_managed_addons = false # addons.tf installs them, where their settings can be seen
  enabled_cluster_log_types     = ["api", "audit", "authenticator", "controllerManager", "scheduler"]

  access_config {
    authentication_mode                         = "API"
    bootstrap_cluster_creator_admin_permissions = false # who may enter stands in access.tf, not in who ran the first apply
  }

  encryption_config {
    resources = ["secrets"]

    provider {
      key_arn = aws_kms_key.secrets[0].arn
    }
  }

  upgrade_policy {
    support_type = upper(var.cluster.support)
  }

  vpc_config {
    endpoint_private_access = true
    endpoint_public_access  = var.cluster.access == "public_allowlist"
    # Without a list the provider falls back to everyone; AWS ignores it while public access is off.
    public_access_cidrs = var.cluster.access == "public_allowlist" ? var.cluster.public_access_cidrs : null
    subnet_ids          = values(var.control_plane_subnet_ids)
  }

  zonal_shift_config {
    enabled = true
  }

  depends_on = [aws_cloudwatch_log_group.control_plane, aws_iam_role_policy_attachment.control_plane]
}
