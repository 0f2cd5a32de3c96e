locals {
  _trust = {
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "backup.amazonaws.com" }
      Condition = { StringEquals = { "aws:SourceAccount" = var.context.account_id } }
    }]
  }
  _managed = {
    backup  = "AWSBackupServiceRolePolicyForBackup"
    restore = "AWSBackupServiceRolePolicyForRestores"
  }
}

resource "aws_iam_role" "this" {
  name                 = "${local.name}-backup"
  assume_role_policy   = jsonencode(local._trust)
  permissions_boundary = var.context.permissions_boundary_arn
}

resource "aws_iam_role_policy_attachment" "this" {
  for_each = local._managed

  role       = aws_iam_role.this.name
  policy_arn = "arn:${data.aws_partition.current.partition}:iam::aws:policy/service-role/${each.value}"
}

resource "aws_backup_plan" "this" {
  for_each = local._plans

  name = local.name

  rule {
    rule_name                = each.key
    target_vault_name        = aws_backup_vault.this.name
    schedule                 = "cron(0 7 ? * * *)" # UTC; RDS allows none in, or an hour before, its own windows
    start_window             = 60                  # minutes
    completion_window        = 480                 # minutes
    enable_continuous_backup = var.backup.continuous

    lifecycle {
      delete_after = var.backup.keep_days
    }

    dynamic "copy_action" {
      for_each = aws_backup_vault.copy

      content {
        destination_vault_arn = copy_action.value.arn

        lifecycle {
          delete_after = var.backup.copy_days
        }
      }
    }
  }
}

resource "aws_backup_selection" "this" {
  for_each = local._plans

  name         = "${local.name}-data"
  plan_id      = aws_backup_plan.this[each.key].id
  iam_role_arn = aws_iam_role.this.arn
  resources    = [var.database.arn]
}
