locals {
  name = var.context.name

  # Whoever may write a secret may still not read it: values leave by the application's pods alone.
  _readers = {
    Version = "2012-10-17"
    Statement = [{
      Sid       = "OnlyTheApplicationReads"
      Effect    = "Deny"
      Action    = "secretsmanager:GetSecretValue"
      Resource  = "*"
      Principal = "*"
      Condition = { ArnNotEquals = { "aws:PrincipalArn" = aws_iam_role.app.arn } }
    }]
  }
}

resource "aws_kms_key" "this" {
  description             = "Secrets of ${local.name}"
  enable_key_rotation     = true
  deletion_window_in_days = 30
}

resource "aws_kms_alias" "this" {
  name          = "alias/${local.name}-secrets"
  target_key_id = aws_kms_key.this.key_id
}

# A key of its own, as the first one is lost with its region.
resource "aws_kms_key" "dr" {
  provider = aws.dr
  count    = var.secrets.replicate ? 1 : 0

  description             = "Copies of the secrets of ${local.name}"
  enable_key_rotation     = true
  deletion_window_in_days = 30
}

resource "aws_kms_alias" "dr" {
  provider = aws.dr
  count    = var.secrets.replicate ? 1 : 0

  name          = "alias/${local.name}-secrets"
  target_key_id = aws_kms_key.dr[0].key_id
}

# Empty: whoever has a value puts it in, and Terraform never sees it.
resource "aws_secretsmanager_secret" "this" {
  for_each = toset(var.secrets.names)

  name                    = "${local.name}/${each.key}"
  description             = "For the application; put in and replaced by hand"
  kms_key_id              = aws_kms_key.this.arn
  recovery_window_in_days = var.secrets.recovery_days

  dynamic "replica" {
    for_each = aws_kms_key.dr

    content {
      region     = var.context.dr_region
      kms_key_id = replica.value.arn
    }
  }

  # Others make these keys, so AWS cannot rotate them: who looks for secrets that are too old finds them by this.
  tags = var.secrets.rotation_days > 0 ? { rotate-after-days = tostring(var.secrets.rotation_days) } : {}
}

resource "aws_secretsmanager_secret_policy" "this" {
  for_each = aws_secretsmanager_secret.this

  secret_arn          = each.value.arn
  policy              = jsonencode(local._readers)
  block_public_policy = true
}
