# Rules of modules/database, on a mocked provider: it proves our logic, not that AWS accepts the values.

mock_provider "aws" {
  override_during = plan

  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
  mock_resource "aws_db_instance" {
    defaults = { arn = "arn:aws:rds:us-east-1:123456789012:db:mock", address = "db.example.internal", master_user_secret = [{ secret_arn = "arn:aws:secretsmanager:us-east-1:123456789012:secret:mock" }] }
  }
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::123456789012:role/mock" }
  }
  mock_resource "aws_kms_key" {
    defaults = { arn = "arn:aws:kms:us-east-1:123456789012:key/mock" }
  }
  mock_resource "aws_security_group" {
    defaults = { id = "sg-database" }
  }
}

mock_provider "aws" {
  alias           = "dr"
  override_during = plan

  mock_resource "aws_kms_key" {
    defaults = { arn = "arn:aws:kms:us-west-2:123456789012:key/dr" }
  }
}

variables {
  client_security_group_id = "sg-nodes"
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
  database = {
    name                = "agent"
    user                = "app"
    engine_version      = "17"
    instance_class      = "db.m7g.xlarge"
    storage_gb          = 100
    max_storage_gb      = 500
    multi_az            = true
    backup_days         = 30
    insights            = "standard"
    backup_window       = "03:00-04:00"
    maintenance_window  = "sun:04:30-sun:05:30"
    dr_backup_days      = 30
    deletion_protection = true
  }
  subnet_ids = { us-east-1a = "subnet-a", us-east-1b = "subnet-b" }
  vpc_id     = "vpc-0"
}

run "data_is_protected" {
  command = plan

  module {
    source = "./modules/database"
  }
  providers = { aws = aws, aws.dr = aws.dr }

  assert {
    condition     = aws_db_instance.this.multi_az && aws_db_instance.this.deletion_protection && aws_db_instance.this.backup_retention_period == 30
    error_message = "Two zones, protected, 30 days of backups."
  }
  assert {
    condition     = aws_db_instance.this.storage_encrypted && aws_db_instance.this.kms_key_id == aws_kms_key.this.arn
    error_message = "Storage is encrypted with a key of its own."
  }
  assert {
    condition     = !aws_db_instance.this.skip_final_snapshot && startswith(aws_db_instance.this.final_snapshot_identifier, "agent-prod-final-")
    error_message = "Destroying it leaves a snapshot with a name of its own."
  }
  assert {
    condition     = !aws_db_instance.this.delete_automated_backups && aws_db_instance.this.copy_tags_to_snapshot && !aws_db_instance.this.apply_immediately
    error_message = "Backups outlive the instance, and changes wait for the maintenance window."
  }
}

run "password_is_nobodys" {
  command = plan

  module {
    source = "./modules/database"
  }
  providers = { aws = aws, aws.dr = aws.dr }

  assert {
    condition     = aws_db_instance.this.manage_master_user_password && aws_db_instance.this.password == null
    error_message = "RDS makes the master password; Terraform must not know one."
  }
  assert {
    condition     = aws_db_instance.this.iam_database_authentication_enabled
    error_message = "Applications may log in by IAM."
  }
}

run "only_nodes_connect_and_only_with_tls" {
  command = plan

  module {
    source = "./modules/database"
  }
  providers = { aws = aws, aws.dr = aws.dr }

  assert {
    condition     = !aws_db_instance.this.publicly_accessible && aws_vpc_security_group_ingress_rule.postgresql.referenced_security_group_id == "sg-nodes"
    error_message = "PostgreSQL is reached from the nodes only."
  }
  assert {
    condition     = anytrue([for parameter in aws_db_parameter_group.this.parameter : parameter.name == "rds.force_ssl" && parameter.value == "1" && parameter.apply_method == "pending-reboot"])
    error_message = "Connections without TLS are refused; RDS reports the value, its default, as pending-reboot for ever."
  }
}

run "parameters_follow_the_major_version" {
  command = plan

  module {
    source = "./modules/database"
  }
  providers = { aws = aws, aws.dr = aws.dr }
  variables {
    database = merge(var.database, { engine_version = "18" })
  }

  assert {
    condition     = aws_db_parameter_group.this.family == "postgres18" && aws_db_parameter_group.this.name == "agent-prod-postgres18"
    error_message = "A new family needs a new group."
  }
}

run "one_zone_is_refused" {
  command = plan

  module {
    source = "./modules/database"
  }
  providers = { aws = aws, aws.dr = aws.dr }
  variables {
    subnet_ids = { us-east-1a = "subnet-a" }
  }

  expect_failures = [var.subnet_ids]
}

run "single_zone_is_refused_in_production" {
  command = plan

  module {
    source = "./modules/database"
  }
  providers = { aws = aws, aws.dr = aws.dr }
  variables {
    database = merge(var.database, { multi_az = false })
  }

  expect_failures = [var.database]
}

run "short_backups_are_refused_in_production" {
  command = plan

  module {
    source = "./modules/database"
  }
  providers = { aws = aws, aws.dr = aws.dr }
  variables {
    database = merge(var.database, { backup_days = 7 })
  }

  expect_failures = [var.database]
}

run "unprotected_is_refused_in_production" {
  command = plan

  module {
    source = "./modules/database"
  }
  providers = { aws = aws, aws.dr = aws.dr }
  variables {
    database = merge(var.database, { deletion_protection = false })
  }

  expect_failures = [var.database]
}

run "development_may_be_small" {
  command = plan

  module {
    source = "./modules/database"
  }
  providers = { aws = aws, aws.dr = aws.dr }
  variables {
    context  = merge(var.context, { stage = "development" })
    database = merge(var.database, { multi_az = false, backup_days = 1, dr_backup_days = 0, deletion_protection = false })
  }

  assert {
    condition     = !aws_db_instance.this.multi_az && aws_db_instance.this.backup_retention_period == 1 && length(aws_db_instance_automated_backups_replication.this) == 0
    error_message = "Development takes what it is given."
  }
}

run "old_version_is_refused" {
  command = plan

  module {
    source = "./modules/database"
  }
  providers = { aws = aws, aws.dr = aws.dr }
  variables {
    database = merge(var.database, { engine_version = "14" })
  }

  expect_failures = [var.database]
}

run "room_that_is_too_little_to_grow_is_refused" {
  command = plan

  module {
    source = "./modules/database"
  }
  providers = { aws = aws, aws.dr = aws.dr }
  variables {
    database = merge(var.database, { max_storage_gb = 109 })
  }

  expect_failures = [var.database]
}

run "name_that_rds_refuses_is_refused" {
  command = plan

  module {
    source = "./modules/database"
  }
  providers = { aws = aws, aws.dr = aws.dr }
  variables {
    database = merge(var.database, { name = "_ai_agent" })
  }

  expect_failures = [var.database]
}

run "class_of_an_instance_is_refused" {
  command = plan

  module {
    source = "./modules/database"
  }
  providers = { aws = aws, aws.dr = aws.dr }
  variables {
    database = merge(var.database, { instance_class = "m7g.xlarge" })
  }

  expect_failures = [var.database]
}

run "tiny_storage_is_refused" {
  command = plan

  module {
    source = "./modules/database"
  }
  providers = { aws = aws, aws.dr = aws.dr }
  variables {
    database = merge(var.database, { storage_gb = 10 })
  }

  expect_failures = [var.database]
}

run "longer_backups_than_rds_keeps_are_refused" {
  command = plan

  module {
    source = "./modules/database"
  }
  providers = { aws = aws, aws.dr = aws.dr }
  variables {
    database = merge(var.database, { backup_days = 36 })
  }

  expect_failures = [var.database]
}

run "master_user_is_not_the_applications" {
  command = plan

  module {
    source = "./modules/database"
  }
  providers = { aws = aws, aws.dr = aws.dr }
  variables {
    database = merge(var.database, { user = "postgres_admin" })
  }

  expect_failures = [var.database]
}

run "backups_are_copied_to_another_region" {
  command = plan

  module {
    source = "./modules/database"
  }
  providers = { aws = aws, aws.dr = aws.dr }

  assert {
    condition     = aws_db_instance_automated_backups_replication.this[0].retention_period == 30 && aws_db_instance_automated_backups_replication.this[0].kms_key_id == "arn:aws:kms:us-west-2:123456789012:key/dr"
    error_message = "Snapshots and logs are kept there, too, under a key of that region."
  }
}

run "insights_keep_what_their_mode_wants" {
  command = plan

  module {
    source = "./modules/database"
  }
  providers = { aws = aws, aws.dr = aws.dr }
  variables {
    database = merge(var.database, { insights = "advanced" })
  }

  assert {
    condition     = aws_db_instance.this.database_insights_mode == "advanced" && aws_db_instance.this.performance_insights_retention_period == 465
    error_message = "Advanced takes 465 days and nothing else."
  }
}

run "longer_copies_than_rds_keeps_are_refused" {
  command = plan

  module {
    source = "./modules/database"
  }
  providers = { aws = aws, aws.dr = aws.dr }
  variables {
    database = merge(var.database, { dr_backup_days = 36 })
  }

  expect_failures = [var.database]
}

run "short_copies_are_refused_in_production" {
  command = plan

  module {
    source = "./modules/database"
  }
  providers = { aws = aws, aws.dr = aws.dr }
  variables {
    database = merge(var.database, { dr_backup_days = 7 })
  }

  expect_failures = [var.database]
}

run "unknown_insights_are_refused" {
  command = plan

  module {
    source = "./modules/database"
  }
  providers = { aws = aws, aws.dr = aws.dr }
  variables {
    database = merge(var.database, { insights = "full" })
  }

  expect_failures = [var.database]
}

run "a_window_that_is_none_is_refused" {
  command = plan

  module {
    source = "./modules/database"
  }
  providers = { aws = aws, aws.dr = aws.dr }
  variables {
    database = merge(var.database, { backup_window = "3-4" })
  }

  expect_failures = [var.database]
}

run "a_day_that_is_none_is_refused" {
  command = plan

  module {
    source = "./modules/database"
  }
  providers = { aws = aws, aws.dr = aws.dr }
  variables {
    database = merge(var.database, { maintenance_window = "day:04:30-day:05:30" })
  }

  expect_failures = [var.database]
}
