locals {
  name      = var.context.name
  account   = var.context.account_id
  partition = data.aws_partition.current.partition

  # Each part of the baseline is a set of its own name, or empty: the key of everything that belongs to it.
  _services = toset(var.security.account_baseline ? var.security.services : [])
  _trail    = setintersection(local._services, ["cloudtrail"])
  _recorder = setintersection(local._services, ["config"])
  _audit    = toset(length(setunion(local._trail, local._recorder)) > 0 ? ["audit"] : [])

  _trail_arn      = "arn:${local.partition}:cloudtrail:${var.context.region}:${local.account}:trail/${local.name}"
  _trail_log_name = "/aws/cloudtrail/${local.name}"
}

data "aws_partition" "current" {}

locals {
  _key_policy = {
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "AccountDecides"
        Effect    = "Allow"
        Principal = { AWS = "arn:${local.partition}:iam::${local.account}:root" }
        Action    = "kms:*"
        Resource  = "*"
      },
      {
        Sid       = "TrailWrites"
        Effect    = "Allow"
        Principal = { Service = "cloudtrail.amazonaws.com" }
        Action    = ["kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey*"]
        Resource  = "*"
        Condition = { StringEquals = { "aws:SourceArn" = local._trail_arn } }
      },
      {
        Sid       = "RecorderWrites"
        Effect    = "Allow"
        Principal = { Service = "config.amazonaws.com" }
        Action    = ["kms:Decrypt", "kms:GenerateDataKey*"]
        Resource  = "*"
        Condition = { StringEquals = { "aws:SourceAccount" = local.account } }
      },
      {
        Sid       = "TrailsLogGroup"
        Effect    = "Allow"
        Principal = { Service = "logs.${var.context.region}.amazonaws.com" }
        Action    = ["kms:Decrypt*", "kms:Describe*", "kms:Encrypt*", "kms:GenerateDataKey*", "kms:ReEncrypt*"]
        Resource  = "*"
        Condition = { ArnEquals = {
          "kms:EncryptionContext:aws:logs:arn" = "arn:${local.partition}:logs:${var.context.region}:${local.account}:log-group:${local._trail_log_name}"
        } }
      },
    ]
  }
}

resource "aws_kms_key" "audit" {
  for_each = local._audit

  description             = "Audit trail of ${local.name}"
  enable_key_rotation     = true
  deletion_window_in_days = 30
  policy                  = jsonencode(local._key_policy)
}

resource "aws_kms_alias" "audit" {
  for_each = local._audit

  name          = "alias/${local.name}-audit"
  target_key_id = aws_kms_key.audit[each.key].key_id
}
