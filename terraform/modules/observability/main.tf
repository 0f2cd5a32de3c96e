locals {
  name = var.context.name

  # Principals that write to what this key encrypts. No condition on the account: not all of them send it to KMS.
  _publishers = ["aps", "backup", "budgets", "cloudwatch", "costalerts", "events", "events.rds"]

  _key_policy = {
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "Account"
        Effect    = "Allow"
        Action    = "kms:*"
        Resource  = "*"
        Principal = { AWS = "arn:${data.aws_partition.current.partition}:iam::${var.context.account_id}:root" }
      },
      {
        Sid       = "Publishers"
        Effect    = "Allow"
        Action    = ["kms:Decrypt", "kms:GenerateDataKey*"]
        Resource  = "*"
        Principal = { Service = [for name in local._publishers : "${name}.amazonaws.com"] }
      },
      {
        Sid       = "Logs"
        Effect    = "Allow"
        Action    = ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"]
        Resource  = "*"
        Principal = { Service = "logs.${var.context.region}.amazonaws.com" }
        Condition = { ArnLike = { "kms:EncryptionContext:aws:logs:arn" = "${local._here["logs"]}:log-group:*" } }
      },
    ]
  }

  _log_kinds = toset(["application", "dataplane", "host"])

  _here = { for service in ["logs", "sns"] : service => "arn:${data.aws_partition.current.partition}:${service}:${var.context.region}:${var.context.account_id}" }
}

data "aws_partition" "current" {}

resource "aws_kms_key" "this" {
  description             = "Logs and notifications of ${local.name}"
  enable_key_rotation     = true
  deletion_window_in_days = 30
  policy                  = jsonencode(local._key_policy)
}

resource "aws_kms_alias" "this" {
  name          = "alias/${local.name}-observability"
  target_key_id = aws_kms_key.this.key_id
}

# Whoever ships the logs (shipping.tf) would make these itself, unencrypted, and keep them for ever.
resource "aws_cloudwatch_log_group" "this" {
  for_each = local._log_kinds

  name              = "/aws/containerinsights/${local.name}/${each.key}"
  retention_in_days = var.observability.log_days
  kms_key_id        = aws_kms_key.this.arn
}
