# Grafana for people of the organisation, who log in by IAM Identity Center.
locals {
  _grafana = toset(var.observability.grafana == "managed" ? ["this"] : [])

  _grafana_trust = {
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "grafana.amazonaws.com" }
      Condition = { StringEquals = { "aws:SourceAccount" = var.context.account_id } }
    }]
  }
  _grafana_rights = {
    Version = "2012-10-17"
    Statement = concat(
      [{ # none of these can be limited to a resource
        Effect   = "Allow"
        Action   = ["cloudwatch:DescribeAlarms", "cloudwatch:GetMetricData", "cloudwatch:ListMetrics"]
        Resource = "*"
      }],
      [for workspace in aws_prometheus_workspace.this : {
        Effect   = "Allow"
        Action   = ["aps:DescribeWorkspace", "aps:GetLabels", "aps:GetMetricMetadata", "aps:GetSeries", "aps:QueryMetrics"]
        Resource = workspace.arn
      }],
    )
  }
}

resource "aws_iam_role" "grafana" {
  for_each = local._grafana

  name                 = "${local.name}-grafana"
  assume_role_policy   = jsonencode(local._grafana_trust)
  permissions_boundary = var.context.permissions_boundary_arn
}

resource "aws_iam_role_policy" "grafana" {
  for_each = local._grafana

  name   = "read"
  role   = aws_iam_role.grafana[each.key].id
  policy = jsonencode(local._grafana_rights)
}

resource "aws_grafana_workspace" "this" {
  for_each = local._grafana

  name                     = local.name
  account_access_type      = "CURRENT_ACCOUNT"
  authentication_providers = ["AWS_SSO"]
  data_sources             = var.observability.prometheus == "none" ? ["CLOUDWATCH"] : ["CLOUDWATCH", "PROMETHEUS"]
  permission_type          = "CUSTOMER_MANAGED"
  role_arn                 = aws_iam_role.grafana[each.key].arn
}

resource "aws_grafana_role_association" "admin" {
  for_each = length(var.observability.grafana_admin_groups) > 0 ? local._grafana : toset([])

  workspace_id = aws_grafana_workspace.this[each.key].id
  role         = "ADMIN"
  group_ids    = var.observability.grafana_admin_groups
}
