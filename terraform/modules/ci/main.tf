locals {
  name      = var.context.name
  account   = var.context.account_id
  partition = data.aws_partition.current.partition

  # By what a job does; none of them without a repository.
  _rights = {
    plan   = local._plan_rights
    apply  = local._apply_rights
    push   = local._push_rights
    deploy = local._deploy_rights
  }
  _roles = toset(var.ci.repository == null ? [] : keys(local._rights))

  # What AWS maintains beside the rights of our own.
  _managed = { for role, policy in { plan = "ReadOnlyAccess", apply = "PowerUserAccess" } : role => policy if contains(local._roles, role) }

  _host         = "token.actions.githubusercontent.com"
  _provider_arn = "arn:${local.partition}:iam::${local.account}:oidc-provider/${local._host}"
}

data "aws_partition" "current" {}

# One an account; AWS knows GitHub's certificates itself, so there is no thumbprint to keep.
resource "aws_iam_openid_connect_provider" "this" {
  for_each = toset(length(local._roles) > 0 && var.ci.oidc_provider == "create" ? ["github"] : [])

  url            = "https://${local._host}"
  client_id_list = ["sts.amazonaws.com"]
}

resource "aws_iam_role" "this" {
  for_each = local._roles

  name                 = "${local.name}-ci-${each.key}"
  description          = "Jobs of ${var.ci.repository} that ${each.key}"
  max_session_duration = 3600
  permissions_boundary = var.context.permissions_boundary_arn

  # Equal, never like: a pattern would let in branches, forks and repositories that nobody thought of.
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRoleWithWebIdentity"
      Principal = { Federated = local._provider_arn }
      Condition = { StringEquals = {
        "${local._host}:aud" = "sts.amazonaws.com"
        "${local._host}:sub" = var.ci.subjects[each.key]
      } }
    }]
  })

  depends_on = [aws_iam_openid_connect_provider.this]
}

resource "aws_iam_role_policy" "this" {
  for_each = aws_iam_role.this

  name   = each.key
  role   = each.value.id
  policy = jsonencode({ Version = "2012-10-17", Statement = local._rights[each.key] })
}

resource "aws_iam_role_policy_attachment" "this" {
  for_each = local._managed

  role       = aws_iam_role.this[each.key].name
  policy_arn = "arn:${local.partition}:iam::aws:policy/${each.value}"
}
