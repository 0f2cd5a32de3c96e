# Who brings logs of pods and nodes here: Fluent Bit, by EKS's own add-on. Of what that could do besides, nothing is on.
locals {
  _shipped = var.observability.log_shipper == "fluent_bit" && var.cluster != null ? { this = var.cluster } : {}

  _shipping = {
    # No agent: Container Insights is paid for by each figure that it takes, and Prometheus takes them already.
    agents = []
    # Else it puts a container into every pod that starts, which the application's namespace refuses (restricted).
    manager = { applicationSignals = { autoMonitor = { monitorAllServices = false } } }
    containerLogs = {
      enabled = true
      fluentBit = { config = { extraFiles = {
        "application-log.conf" = local._application_log
        "dataplane-log.conf"   = local._dataplane_log
        "host-log.conf"        = local._host_log
      } } }
    }
  }

  _shipper_trusts = {
    for name, cluster in local._shipped : name => {
      Version = "2012-10-17"
      Statement = [{
        Effect    = "Allow"
        Action    = ["sts:AssumeRole", "sts:TagSession"]
        Principal = { Service = "pods.eks.amazonaws.com" }
        Condition = { StringEquals = {
          "aws:SourceAccount"                         = var.context.account_id
          "aws:RequestTag/kubernetes-namespace"       = "amazon-cloudwatch"
          "aws:RequestTag/kubernetes-service-account" = "cloudwatch-agent"
          "aws:RequestTag/eks-cluster-name"           = cluster.name
        } }
      }]
    }
  }

  # It writes into these groups and makes none, so that none is without end or key.
  _shipper_rights = {
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"]
      Resource = flatten([for group in aws_cloudwatch_log_group.this : [group.arn, "${group.arn}:log-stream:*"]])
    }]
  }
}

resource "aws_iam_role" "shipper" {
  for_each = local._shipped

  name                 = "${local.name}-log-shipper"
  assume_role_policy   = jsonencode(local._shipper_trusts[each.key])
  permissions_boundary = var.context.permissions_boundary_arn
}

resource "aws_iam_role_policy" "shipper" {
  for_each = local._shipped

  name   = "write"
  role   = aws_iam_role.shipper[each.key].id
  policy = jsonencode(local._shipper_rights)
}

resource "aws_eks_pod_identity_association" "shipper" {
  for_each = local._shipped

  cluster_name    = each.value.name
  namespace       = "amazon-cloudwatch"
  service_account = "cloudwatch-agent"
  role_arn        = aws_iam_role.shipper[each.key].arn

  depends_on = [aws_iam_role_policy.shipper]
}

resource "aws_eks_addon" "shipper" {
  for_each = local._shipped

  cluster_name                = each.value.name
  addon_name                  = "amazon-cloudwatch-observability"
  addon_version               = lookup(each.value.addon_versions, "amazon-cloudwatch-observability", null)
  configuration_values        = jsonencode(local._shipping)
  resolve_conflicts_on_create = "OVERWRITE"
  resolve_conflicts_on_update = "OVERWRITE"

  depends_on = [aws_eks_pod_identity_association.shipper] # without an identity it could write nothing
}
