# Snapshots and logs in another region, so that a lost region costs minutes of data. Made from there: it pulls.

resource "aws_kms_key" "dr" {
  provider = aws.dr
  count    = var.database.dr_backup_days > 0 ? 1 : 0

  description             = "Copies of the backups of ${local.name}'s database"
  enable_key_rotation     = true
  deletion_window_in_days = 30
}

resource "aws_kms_alias" "dr" {
  provider = aws.dr
  count    = var.database.dr_backup_days > 0 ? 1 : 0

  name          = "alias/${local.name}-database"
  target_key_id = aws_kms_key.dr[0].key_id
}

resource "aws_db_instance_automated_backups_replication" "this" {
  provider = aws.dr
  count    = var.database.dr_backup_days > 0 ? 1 : 0

  source_db_instance_arn = aws_db_instance.this.arn
  kms_key_id             = aws_kms_key.dr[0].arn
  retention_period       = var.database.dr_backup_days
}
