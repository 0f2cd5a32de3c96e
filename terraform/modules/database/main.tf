locals {
  name = var.context.name

  # Dynamic parameters take effect at once; static ones (true) wait for the next restart.
  _parameters = {
    "rds.force_ssl"                       = { value = "1", static = true }      # as RDS reports it, being its default
    "idle_in_transaction_session_timeout" = { value = "60000", static = false } # ms; a forgotten transaction blocks vacuum
    "log_connections"                     = { value = "1", static = false }
    "log_min_duration_statement"          = { value = "1000", static = false }     # ms
    "pgaudit.log"                         = { value = "ddl,role", static = false } # who changed tables and rights
    "tcp_keepalives_idle"                 = { value = "60", static = false }       # s; a pod that vanished holds no connection
    "shared_preload_libraries"            = { value = "pg_stat_statements,pgaudit", static = true }
  }
}

data "aws_partition" "current" {}

resource "aws_kms_key" "this" {
  description             = "Database of ${local.name}: storage, backups, master secret, insights"
  enable_key_rotation     = true
  deletion_window_in_days = 30
}

resource "aws_kms_alias" "this" {
  name          = "alias/${local.name}-database"
  target_key_id = aws_kms_key.this.key_id
}

resource "aws_db_subnet_group" "this" {
  name       = local.name
  subnet_ids = values(var.subnet_ids)
}

# Its name carries the major version: a family cannot be changed, and a new group must exist before the old one goes.
resource "aws_db_parameter_group" "this" {
  name   = "${local.name}-postgres${var.database.engine_version}"
  family = "postgres${var.database.engine_version}"

  dynamic "parameter" {
    for_each = local._parameters

    content {
      name         = parameter.key
      value        = parameter.value.value
      apply_method = parameter.value.static ? "pending-reboot" : "immediate"
    }
  }

  lifecycle {
    create_before_destroy = true
  }
}

# RDS would make these itself, and keep them for ever.
resource "aws_cloudwatch_log_group" "this" {
  for_each = toset(["postgresql", "upgrade"])

  name              = "/aws/rds/instance/${local.name}/${each.key}"
  retention_in_days = 365
}

# A name for the last snapshot that is used once: the same name twice would make the second destroy fail.
resource "terraform_data" "created" {
  input = plantimestamp()

  lifecycle {
    ignore_changes = [input] # the time of the first apply, for good
  }
}

resource "aws_db_instance" "this" {
  identifier     = local.name
  db_name        = var.database.name
  engine         = "postgres"
  engine_version = var.database.engine_version
  instance_class = var.database.instance_class
  multi_az       = var.database.multi_az

  allocated_storage     = var.database.storage_gb
  max_allocated_storage = var.database.max_storage_gb
  storage_type          = "gp3"
  storage_encrypted     = true
  kms_key_id            = aws_kms_key.this.arn

  username                            = "postgres_admin" # for emergencies and migrations; the application has a user of its own
  manage_master_user_password         = true             # made, kept and rotated by RDS; Terraform never sees it
  master_user_secret_kms_key_id       = aws_kms_key.this.key_id
  iam_database_authentication_enabled = true

  db_subnet_group_name   = aws_db_subnet_group.this.name
  parameter_group_name   = aws_db_parameter_group.this.name
  publicly_accessible    = false
  vpc_security_group_ids = [aws_security_group.this.id]

  backup_retention_period   = var.database.backup_days
  backup_window             = var.database.backup_window
  maintenance_window        = var.database.maintenance_window
  copy_tags_to_snapshot     = true
  delete_automated_backups  = false # outlive the instance, so that a mistaken destroy can be undone
  final_snapshot_identifier = "${local.name}-final-${formatdate("YYYYMMDDhhmmss", terraform_data.created.input)}"
  skip_final_snapshot       = false

  apply_immediately          = false
  auto_minor_version_upgrade = true
  deletion_protection        = var.database.deletion_protection

  enabled_cloudwatch_logs_exports       = ["postgresql", "upgrade"]
  monitoring_interval                   = 60
  monitoring_role_arn                   = aws_iam_role.monitoring.arn
  database_insights_mode                = var.database.insights
  performance_insights_enabled          = true
  performance_insights_kms_key_id       = aws_kms_key.this.arn
  performance_insights_retention_period = var.database.insights == "advanced" ? 465 : 7 # the only one that advanced takes

  depends_on = [aws_cloudwatch_log_group.this, aws_iam_role_policy_attachment.monitoring]
}
