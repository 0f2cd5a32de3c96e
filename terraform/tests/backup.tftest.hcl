# Rules of modules/backup, on a mocked provider: it proves our logic, not that AWS accepts the values.

mock_provider "aws" {
  override_during = plan

  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
  mock_resource "aws_backup_vault" {
    defaults = { arn = "arn:aws:backup:us-east-1:123456789012:backup-vault:home" }
  }
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::123456789012:role/mock" }
  }
  mock_resource "aws_kms_key" {
    defaults = { arn = "arn:aws:kms:us-east-1:123456789012:key/home" }
  }
}

mock_provider "aws" {
  alias           = "dr"
  override_during = plan

  mock_resource "aws_backup_vault" {
    defaults = { arn = "arn:aws:backup:us-west-2:123456789012:backup-vault:copy" }
  }
  mock_resource "aws_kms_key" {
    defaults = { arn = "arn:aws:kms:us-west-2:123456789012:key/copy" }
  }
}

variables {
  context = {
    name                     = "agent-prod"
    application              = "agent"
    environment              = "prod"
    stage                    = "production"
    namespace                = "agent"
    account_id               = "123456789012"
    region                   = "us-east-1"
    dr_region                = "us-west-2"
    permissions_boundary_arn = null
    tags                     = {}
  }
  backup = {
    schedule          = "daily"
    keep_days         = 30
    copy_days         = 30
    continuous        = false
    lock              = "governance"
    lock_min_days     = 7
    lock_max_days     = 365
    lock_cooling_days = 14
    restore_test      = "monthly"
    rpo_minutes       = 30
    rto_minutes       = 240
  }
  database   = { arn = "arn:aws:rds:us-east-1:123456789012:db:agent-prod", security_group_id = "sg-0", subnet_group_name = "agent-prod" }
  topic_arns = { alerts = "arn:aws:sns:us-east-1:123456789012:alerts" }
}

run "backups_leave_the_region_under_a_key_of_its_own" {
  command   = plan
  providers = { aws = aws, aws.dr = aws.dr }

  module {
    source = "./modules/backup"
  }

  assert {
    condition     = aws_backup_vault.this.kms_key_arn == aws_kms_key.this.arn && aws_backup_vault.copy["dr"].kms_key_arn == aws_kms_key.copy["dr"].arn
    error_message = "Each vault is encrypted with the key of its region."
  }
  assert {
    condition     = aws_kms_key.this.enable_key_rotation && aws_kms_key.copy["dr"].enable_key_rotation
    error_message = "Keys rotate."
  }
  assert {
    condition     = [for rule in aws_backup_plan.this["daily"].rule : [for copy in rule.copy_action : copy.destination_vault_arn]] == [["arn:aws:backup:us-west-2:123456789012:backup-vault:copy"]]
    error_message = "The plan copies into the DR region's vault."
  }
  assert {
    condition     = aws_backup_selection.this["daily"].resources == toset(["arn:aws:rds:us-east-1:123456789012:db:agent-prod"])
    error_message = "The database is backed up."
  }
  assert {
    condition     = aws_backup_vault.this.tags == tomap({ rpo-minutes = "30", rto-minutes = "240" })
    error_message = "The vault says what it is to achieve."
  }
}

run "a_lock_of_governance_can_be_undone" {
  command   = plan
  providers = { aws = aws, aws.dr = aws.dr }

  module {
    source = "./modules/backup"
  }

  assert {
    condition     = alltrue([for lock in [aws_backup_vault_lock_configuration.this["governance"], aws_backup_vault_lock_configuration.copy["dr"]] : lock.changeable_for_days == null && lock.min_retention_days == 7])
    error_message = "With changeable_for_days the lock would be for ever."
  }
}

run "a_lock_of_compliance_cools_first" {
  command   = plan
  providers = { aws = aws, aws.dr = aws.dr }

  module {
    source = "./modules/backup"
  }
  variables {
    backup = merge(var.backup, { lock = "compliance" })
  }

  assert {
    condition     = aws_backup_vault_lock_configuration.this["compliance"].changeable_for_days == 14
    error_message = "There is time to think again."
  }
}

run "restores_are_tested_where_the_database_lives" {
  command   = plan
  providers = { aws = aws, aws.dr = aws.dr }

  module {
    source = "./modules/backup"
  }

  assert {
    condition     = aws_backup_restore_testing_plan.this["monthly"].name == "agent_prod" && aws_backup_restore_testing_plan.this["monthly"].schedule_expression == "cron(0 9 1 * ? *)"
    error_message = "Once a month, under a name without hyphens."
  }
  assert {
    condition     = aws_backup_restore_testing_selection.database["monthly"].restore_metadata_overrides == tomap({ dbSubnetGroupName = "agent-prod", vpcSecurityGroupIds = "[\"sg-0\"]" })
    error_message = "Nothing may depend on a default VPC."
  }
}

run "trouble_and_silence_are_told" {
  command   = plan
  providers = { aws = aws, aws.dr = aws.dr }

  module {
    source = "./modules/backup"
  }

  assert {
    condition     = contains(jsondecode(aws_cloudwatch_event_rule.trouble.event_pattern)["detail-type"], "Restore Job State Change") && aws_cloudwatch_event_target.trouble["alerts"].arn == var.topic_arns.alerts
    error_message = "Failed backups, copies and restores reach the topic."
  }
  assert {
    condition     = aws_cloudwatch_metric_alarm.silence["daily"].treat_missing_data == "breaching" && aws_cloudwatch_metric_alarm.silence["daily"].alarm_actions == toset(["arn:aws:sns:us-east-1:123456789012:alerts"])
    error_message = "A backup that was never started is missed."
  }
}

run "what_is_off_is_not_made" {
  command   = plan
  providers = { aws = aws, aws.dr = aws.dr }

  module {
    source = "./modules/backup"
  }
  variables {
    context = merge(var.context, { stage = "development" })
    backup  = merge(var.backup, { schedule = "none", copy_days = 0, lock = "none", restore_test = "none" })
  }

  assert {
    condition     = length(aws_backup_plan.this) + length(aws_backup_selection.this) + length(aws_cloudwatch_metric_alarm.silence) == 0
    error_message = "No plan, and no alarm about its silence."
  }
  assert {
    condition     = length(aws_backup_vault.copy) + length(aws_kms_key.copy) + length(aws_backup_vault_lock_configuration.copy) == 0 && output.copy_vault_arn == null
    error_message = "Nothing in the DR region."
  }
  assert {
    condition     = length(aws_backup_vault_lock_configuration.this) + length(aws_backup_restore_testing_plan.this) == 0
    error_message = "Neither a lock nor tests."
  }
}

run "unknown_schedule_is_refused" {
  command   = plan
  providers = { aws = aws, aws.dr = aws.dr }

  module {
    source = "./modules/backup"
  }
  variables {
    backup = merge(var.backup, { schedule = "weekly" })
  }

  expect_failures = [var.backup]
}

run "unknown_lock_is_refused" {
  command   = plan
  providers = { aws = aws, aws.dr = aws.dr }

  module {
    source = "./modules/backup"
  }
  variables {
    backup = merge(var.backup, { lock = "strict" })
  }

  expect_failures = [var.backup]
}

run "unknown_rhythm_of_tests_is_refused" {
  command   = plan
  providers = { aws = aws, aws.dr = aws.dr }

  module {
    source = "./modules/backup"
  }
  variables {
    backup = merge(var.backup, { restore_test = "yearly" })
  }

  expect_failures = [var.backup]
}

run "backups_shorter_than_the_lock_are_refused" {
  command   = plan
  providers = { aws = aws, aws.dr = aws.dr }

  module {
    source = "./modules/backup"
  }
  variables {
    backup = merge(var.backup, { keep_days = 6 })
  }

  expect_failures = [var.backup]
}

run "copies_longer_than_the_lock_are_refused" {
  command   = plan
  providers = { aws = aws, aws.dr = aws.dr }

  module {
    source = "./modules/backup"
  }
  variables {
    backup = merge(var.backup, { copy_days = 366 })
  }

  expect_failures = [var.backup]
}

run "no_time_to_think_is_refused" {
  command   = plan
  providers = { aws = aws, aws.dr = aws.dr }

  module {
    source = "./modules/backup"
  }
  variables {
    backup = merge(var.backup, { lock_cooling_days = 2 })
  }

  expect_failures = [var.backup]
}

run "long_continuous_backups_are_refused" {
  command   = plan
  providers = { aws = aws, aws.dr = aws.dr }

  module {
    source = "./modules/backup"
  }
  variables {
    backup = merge(var.backup, { continuous = true, keep_days = 36 })
  }

  expect_failures = [var.backup]
}

run "untested_restores_are_refused_in_production" {
  command   = plan
  providers = { aws = aws, aws.dr = aws.dr }

  module {
    source = "./modules/backup"
  }
  variables {
    backup = merge(var.backup, { restore_test = "none" })
  }

  expect_failures = [var.backup]
}
