# Rules of modules/cache, on a mocked provider: it proves our logic, not that AWS accepts the values.

mock_provider "aws" {
  override_during = plan

  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
  mock_resource "aws_kms_key" {
    defaults = { arn = "arn:aws:kms:us-east-1:123456789012:key/mock" }
  }
  mock_resource "aws_security_group" {
    defaults = { id = "sg-cache" }
  }
}

variables {
  cache = {
    enabled          = true
    engine           = "valkey"
    engine_version   = "8.2"
    node_type        = "cache.m7g.large"
    replicas         = 2
    snapshot_days    = 7
    maxmemory_policy = "volatile-lru"
  }
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
  subnet_ids = { us-east-1a = "subnet-a", us-east-1b = "subnet-b", us-east-1c = "subnet-c" }
  vpc_id     = "vpc-0"
}

run "a_lost_zone_is_not_a_lost_cache" {
  command = plan

  module {
    source = "./modules/cache"
  }

  assert {
    condition     = aws_elasticache_replication_group.this.num_cache_clusters == 3 && aws_elasticache_replication_group.this.multi_az_enabled && aws_elasticache_replication_group.this.automatic_failover_enabled
    error_message = "A primary and two replicas in other zones, which take over by themselves."
  }
  assert {
    condition     = aws_elasticache_replication_group.this.snapshot_retention_limit == 7
    error_message = "Snapshots are kept for a week."
  }
}

run "everything_is_encrypted_with_its_own_key" {
  command = plan

  module {
    source = "./modules/cache"
  }

  assert {
    condition     = aws_elasticache_replication_group.this.at_rest_encryption_enabled == "true" && aws_elasticache_replication_group.this.kms_key_id == aws_kms_key.this.arn
    error_message = "Data and snapshots are encrypted with a key of the cache's own."
  }
  assert {
    condition     = aws_elasticache_replication_group.this.transit_encryption_enabled && aws_elasticache_replication_group.this.transit_encryption_mode == "required"
    error_message = "Connections without TLS are refused."
  }
  assert {
    condition     = alltrue([for group in aws_cloudwatch_log_group.this : group.kms_key_id == aws_kms_key.this.arn])
    error_message = "The slow log shows commands with their arguments."
  }
}

run "only_nodes_connect_and_only_by_iam" {
  command = plan

  module {
    source = "./modules/cache"
  }

  assert {
    condition     = aws_vpc_security_group_ingress_rule.cache.referenced_security_group_id == "sg-nodes"
    error_message = "The cache is reached from the nodes only."
  }
  assert {
    condition     = keys(aws_elasticache_user.this) == ["app"] && aws_elasticache_user.this["app"].authentication_mode[0].type == "iam"
    error_message = "The application's user is the only one, and has no password."
  }
  assert {
    condition     = aws_elasticache_user.this["app"].user_id == aws_elasticache_user.this["app"].user_name
    error_message = "IAM wants a user's id and name to be the same."
  }
}

run "redis_has_its_default_user_switched_off" {
  command = plan

  module {
    source = "./modules/cache"
  }
  variables {
    cache = merge(var.cache, { engine = "redis", engine_version = "7.1" })
  }

  assert {
    condition     = aws_elasticache_user.this["off"].user_name == "default" && aws_elasticache_user.this["off"].access_string == "off -@all"
    error_message = "Redis wants a user called default; nobody may log in as that."
  }
  assert {
    condition     = aws_elasticache_parameter_group.this.family == "redis7" && aws_elasticache_parameter_group.this.name == "agent-prod-redis7"
    error_message = "A new family needs a new group."
  }
}

run "slow_commands_are_logged" {
  command = plan

  module {
    source = "./modules/cache"
  }

  assert {
    condition     = toset(aws_elasticache_replication_group.this.log_delivery_configuration[*].log_type) == toset(["engine-log", "slow-log"])
    error_message = "Both logs go to CloudWatch."
  }
}

run "development_may_be_small" {
  command = plan

  module {
    source = "./modules/cache"
  }
  variables {
    context    = merge(var.context, { stage = "development" })
    cache      = merge(var.cache, { replicas = 0, snapshot_days = 0 })
    subnet_ids = { us-east-1a = "subnet-a" }
  }

  assert {
    condition     = aws_elasticache_replication_group.this.num_cache_clusters == 1 && !aws_elasticache_replication_group.this.multi_az_enabled
    error_message = "One node is enough there."
  }
}

run "unknown_engine_is_refused" {
  command = plan

  module {
    source = "./modules/cache"
  }
  variables {
    cache = merge(var.cache, { engine = "memcached" })
  }

  expect_failures = [var.cache]
}

run "version_of_the_other_engine_is_refused" {
  command = plan

  module {
    source = "./modules/cache"
  }
  variables {
    cache = merge(var.cache, { engine = "redis" })
  }

  expect_failures = [var.cache]
}

run "type_of_an_instance_is_refused" {
  command = plan

  module {
    source = "./modules/cache"
  }
  variables {
    cache = merge(var.cache, { node_type = "m7g.large" })
  }

  expect_failures = [var.cache]
}

run "six_replicas_are_refused" {
  command = plan

  module {
    source = "./modules/cache"
  }
  variables {
    cache = merge(var.cache, { replicas = 6 })
  }

  expect_failures = [var.cache]
}

run "longer_snapshots_than_elasticache_keeps_are_refused" {
  command = plan

  module {
    source = "./modules/cache"
  }
  variables {
    cache = merge(var.cache, { snapshot_days = 36 })
  }

  expect_failures = [var.cache]
}

run "single_node_is_refused_in_production" {
  command = plan

  module {
    source = "./modules/cache"
  }
  variables {
    cache = merge(var.cache, { replicas = 0 })
  }

  expect_failures = [var.cache]
}

run "no_snapshots_are_refused_in_production" {
  command = plan

  module {
    source = "./modules/cache"
  }
  variables {
    cache = merge(var.cache, { snapshot_days = 0 })
  }

  expect_failures = [var.cache]
}

run "replicas_in_one_zone_are_refused" {
  command = plan

  module {
    source = "./modules/cache"
  }
  variables {
    subnet_ids = { us-east-1a = "subnet-a" }
  }

  expect_failures = [var.subnet_ids]
}

run "name_too_long_is_refused" {
  command = plan

  module {
    source = "./modules/cache"
  }
  variables {
    context = merge(var.context, { name = "a-name-longer-than-a-user-can-have-xx" })
  }

  expect_failures = [var.context]
}
