locals {
  name = var.context.name

  # Keys of what may be absent: the plan by its schedule, the copy by its region.
  _plans  = toset(var.backup.schedule == "none" ? [] : [var.backup.schedule])
  _copies = toset(var.backup.copy_days == 0 ? [] : ["dr"])
  _locks  = toset(var.backup.lock == "none" ? [] : [var.backup.lock])

  # Only in compliance mode does a lock become irrevocable, after these days; without them it is governance.
  _cooling_days = var.backup.lock == "compliance" ? var.backup.lock_cooling_days : null

  _objectives = {
    rpo-minutes = var.backup.rpo_minutes
    rto-minutes = var.backup.rto_minutes
  }
}

data "aws_partition" "current" {}

resource "aws_kms_key" "this" {
  description             = "Backups of ${local.name}"
  enable_key_rotation     = true
  deletion_window_in_days = 30
}

resource "aws_kms_alias" "this" {
  name          = "alias/${local.name}-backup"
  target_key_id = aws_kms_key.this.key_id
}

# Never force_destroy: a vault that holds backups outlives its environment.
resource "aws_backup_vault" "this" {
  name        = local.name
  kms_key_arn = aws_kms_key.this.arn

  tags = local._objectives
}

resource "aws_backup_vault_lock_configuration" "this" {
  for_each = local._locks

  backup_vault_name   = aws_backup_vault.this.name
  min_retention_days  = var.backup.lock_min_days
  max_retention_days  = var.backup.lock_max_days
  changeable_for_days = local._cooling_days
}

# The copy has a key of its own: a key of the lost region could not open it.
resource "aws_kms_key" "copy" {
  provider = aws.dr
  for_each = local._copies

  description             = "Copies of backups of ${local.name}"
  enable_key_rotation     = true
  deletion_window_in_days = 30
}

resource "aws_kms_alias" "copy" {
  provider = aws.dr
  for_each = local._copies

  name          = "alias/${local.name}-backup-copy"
  target_key_id = aws_kms_key.copy[each.key].key_id
}

resource "aws_backup_vault" "copy" {
  provider = aws.dr
  for_each = local._copies

  name        = "${local.name}-copy"
  kms_key_arn = aws_kms_key.copy[each.key].arn

  tags = local._objectives
}

resource "aws_backup_vault_lock_configuration" "copy" {
  provider = aws.dr
  for_each = var.backup.lock == "none" ? toset([]) : local._copies

  backup_vault_name   = aws_backup_vault.copy[each.key].name
  min_retention_days  = var.backup.lock_min_days
  max_retention_days  = var.backup.lock_max_days
  changeable_for_days = local._cooling_days
}
