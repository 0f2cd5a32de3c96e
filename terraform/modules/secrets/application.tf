# What the application's pods may do in AWS, by Pod Identity: read their secrets, and log in to database and cache.

locals {
  _service_accounts = { for color in ["blue", "green"] : color => "${var.context.application}-${color}" } # the chart's

  _trust = {
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = ["sts:AssumeRole", "sts:TagSession"]
      Principal = { Service = "pods.eks.amazonaws.com" }
      Condition = {
        StringEquals = {
          "aws:RequestTag/kubernetes-namespace"       = var.context.namespace
          "aws:RequestTag/kubernetes-service-account" = values(local._service_accounts)
        }
      }
    }]
  }

  # The copies in the other region have the same names, and pods that run there the same role.
  _arns   = values(aws_secretsmanager_secret.this)[*].arn
  _copies = [for arn in local._arns : replace(arn, ":${var.context.region}:", ":${var.context.dr_region}:") if var.secrets.replicate]

  _read_secrets = {
    Sid      = "ReadSecrets"
    Effect   = "Allow"
    Action   = ["secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"]
    Resource = concat(local._arns, local._copies)
  }
  _decrypt_secrets = {
    Sid       = "DecryptSecrets"
    Effect    = "Allow"
    Action    = "kms:Decrypt"
    Resource  = concat([aws_kms_key.this.arn], aws_kms_key.dr[*].arn)
    Condition = { StringLike = { "kms:ViaService" = "secretsmanager.*.amazonaws.com" } }
  }
  _log_in_to_database = {
    Sid      = "LogInToDatabase"
    Effect   = "Allow"
    Action   = "rds-db:connect"
    Resource = var.database_user_arn
  }
  _log_in_to_cache = [for cache in var.cache[*] : {
    Sid      = "LogInToCache"
    Effect   = "Allow"
    Action   = "elasticache:Connect"
    Resource = [cache.arn, cache.user_arn]
  }]
  _rights = {
    Version = "2012-10-17"
    Statement = concat(
      [local._log_in_to_database],
      local._log_in_to_cache,
      [for statement in [local._read_secrets, local._decrypt_secrets] : statement if length(var.secrets.names) > 0],
    )
  }
}

resource "aws_iam_role" "app" {
  name                 = "${local.name}-app"
  assume_role_policy   = jsonencode(local._trust)
  permissions_boundary = var.context.permissions_boundary_arn
}

resource "aws_iam_role_policy" "app" {
  name   = "data"
  role   = aws_iam_role.app.id
  policy = jsonencode(local._rights)
}

resource "aws_eks_pod_identity_association" "app" {
  for_each = { for color, account in local._service_accounts : color => account if var.cluster_name != null }

  cluster_name    = var.cluster_name
  namespace       = var.context.namespace
  service_account = each.value
  role_arn        = aws_iam_role.app.arn
}
