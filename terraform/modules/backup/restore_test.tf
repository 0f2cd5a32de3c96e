locals {
  _tests = { for name in [var.backup.restore_test] : name => name == "weekly" ? "cron(0 9 ? * MON *)" : "cron(0 9 1 * ? *)"
  if name != "none" }
  _days = { weekly = 7, monthly = 31 }

  _test_name = replace(local.name, "-", "_") # letters, digits and underscores only
}

# Restored into the database's own subnets and behind its security group, as an account may have no default VPC.
resource "aws_backup_restore_testing_plan" "this" {
  for_each = local._tests

  name                = local._test_name
  schedule_expression = each.value # UTC
  start_window_hours  = 8

  recovery_point_selection {
    algorithm             = "LATEST_WITHIN_WINDOW"
    include_vaults        = [aws_backup_vault.this.arn]
    recovery_point_types  = ["SNAPSHOT"]
    selection_window_days = local._days[each.key]
  }
}

resource "aws_backup_restore_testing_selection" "database" {
  for_each = local._tests

  name                      = "database"
  restore_testing_plan_name = aws_backup_restore_testing_plan.this[each.key].name
  iam_role_arn              = aws_iam_role.this.arn
  protected_resource_type   = "RDS"
  protected_resource_arns   = [var.database.arn]
  validation_window_hours   = 1 # kept for an hour, so that somebody can look

  restore_metadata_overrides = {
    dbSubnetGroupName   = var.database.subnet_group_name
    vpcSecurityGroupIds = jsonencode([var.database.security_group_id])
  }
}
