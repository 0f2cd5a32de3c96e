locals {
  name = var.context.name

  _family = "${var.cache.engine}${split(".", var.cache.engine_version)[0]}"
  _key_policy = {
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "Account"
        Effect    = "Allow"
        Action    = "kms:*"
        Resource  = "*"
        Principal = { AWS = "arn:${data.aws_partition.current.partition}:iam::${var.context.account_id}:root" }
      },
      {
        Sid       = "Logs"
        Effect    = "Allow"
        Action    = ["kms:Encrypt*", "kms:Decrypt*", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:Describe*"]
        Resource  = "*"
        Principal = { Service = "logs.${var.context.region}.amazonaws.com" }
        Condition = { ArnLike = { "kms:EncryptionContext:aws:logs:arn" = "arn:${data.aws_partition.current.partition}:logs:${var.context.region}:${var.context.account_id}:log-group:/aws/elasticache/${local.name}/*" } }
      },
    ]
  }
}

data "aws_partition" "current" {}

resource "aws_kms_key" "this" {
  description             = "Cache of ${local.name}: data, snapshots, logs"
  enable_key_rotation     = true
  deletion_window_in_days = 30
  policy                  = jsonencode(local._key_policy)
}

resource "aws_kms_alias" "this" {
  name          = "alias/${local.name}-cache"
  target_key_id = aws_kms_key.this.key_id
}

resource "aws_elasticache_subnet_group" "this" {
  name        = local.name
  description = "Database subnets, no way out"
  subnet_ids  = values(var.subnet_ids)
}

# Its name carries the family: a family cannot be changed, and a new group must exist before the old one goes.
resource "aws_elasticache_parameter_group" "this" {
  name        = "${local.name}-${local._family}"
  family      = local._family
  description = "What is evicted when memory is full"

  parameter {
    name  = "maxmemory-policy"
    value = var.cache.maxmemory_policy
  }

  lifecycle {
    create_before_destroy = true
  }
}

# Encrypted: the slow log shows commands with their arguments.
resource "aws_cloudwatch_log_group" "this" {
  for_each = toset(["engine-log", "slow-log"])

  name              = "/aws/elasticache/${local.name}/${each.key}"
  kms_key_id        = aws_kms_key.this.arn
  retention_in_days = 365
}

resource "aws_elasticache_replication_group" "this" {
  replication_group_id = local.name
  description          = "Cache of ${local.name}"
  engine               = var.cache.engine
  engine_version       = var.cache.engine_version
  node_type            = var.cache.node_type
  parameter_group_name = aws_elasticache_parameter_group.this.name
  port                 = 6379

  num_cache_clusters         = var.cache.replicas + 1
  automatic_failover_enabled = var.cache.replicas > 0
  multi_az_enabled           = var.cache.replicas > 0

  subnet_group_name  = aws_elasticache_subnet_group.this.name
  security_group_ids = [aws_security_group.this.id]

  at_rest_encryption_enabled = true
  kms_key_id                 = aws_kms_key.this.arn
  transit_encryption_enabled = true
  transit_encryption_mode    = "required"
  user_group_ids             = [aws_elasticache_user_group.this.user_group_id]

  snapshot_retention_limit = var.cache.snapshot_days
  snapshot_window          = "03:00-04:00"         # UTC
  maintenance_window       = "sun:04:30-sun:05:30" # UTC

  apply_immediately          = false
  auto_minor_version_upgrade = true

  dynamic "log_delivery_configuration" {
    for_each = aws_cloudwatch_log_group.this

    content {
      log_type         = log_delivery_configuration.key
      log_format       = "json"
      destination_type = "cloudwatch-logs"
      destination      = log_delivery_configuration.value.name
    }
  }
}
