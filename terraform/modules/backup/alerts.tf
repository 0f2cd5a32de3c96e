locals {
  _failed = ["ABORTED", "EXPIRED", "FAILED", "PARTIAL"]
  _trouble = {
    source      = ["aws.backup"]
    detail-type = ["Backup Job State Change", "Copy Job State Change", "Restore Job State Change"]
    detail      = { "$or" = [{ state = local._failed }, { status = local._failed }] } # a restore says status
  }
}

resource "aws_cloudwatch_event_rule" "trouble" {
  name          = "${local.name}-backup-trouble"
  description   = "A backup, its copy or a restore of ${local.name} did not succeed"
  event_pattern = jsonencode(local._trouble)
}

resource "aws_cloudwatch_event_target" "trouble" {
  for_each = var.topic_arns

  rule      = aws_cloudwatch_event_rule.trouble.name
  target_id = each.key
  arn       = each.value
}

# What was never started fails nowhere.
resource "aws_cloudwatch_metric_alarm" "silence" {
  for_each = local._plans

  alarm_name          = "${local.name}-backup-silence"
  alarm_description   = "No backup into the vault ${local.name} was completed for a day"
  namespace           = "AWS/Backup"
  metric_name         = "NumberOfBackupJobsCompleted"
  dimensions          = { BackupVaultName = aws_backup_vault.this.name }
  statistic           = "Sum"
  period              = 86400
  evaluation_periods  = 1
  comparison_operator = "LessThanThreshold"
  threshold           = 1
  treat_missing_data  = "breaching"
  alarm_actions       = values(var.topic_arns)
  ok_actions          = values(var.topic_arns)
}
