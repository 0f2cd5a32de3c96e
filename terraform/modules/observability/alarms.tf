# One table of alarms on single metrics. What does not exist has none: each part is there or not before any id is known.
locals {
  _limits = var.observability.thresholds
  _gib    = 1024 * 1024 * 1024

  # What most of them share: an average over five minutes, once, that is too high.
  _usual = {
    severity   = "ticket"
    statistic  = "Average"
    period     = 300
    times      = 1
    comparison = "GreaterThanThreshold"
  }

  _database_alarms = merge([for database in var.database[*] : {
    database-connections-ticket = { metric = "DatabaseConnections", limit = local._connections == null ? null : local._connections * local._limits.database_connections_ticket / 100 }
    database-connections-page   = { metric = "DatabaseConnections", limit = local._connections == null ? null : local._connections * local._limits.database_connections_page / 100, severity = "page" }
    database-cpu                = { metric = "CPUUtilization", limit = local._limits.database_cpu, times = 3 }
    database-memory             = { metric = "FreeableMemory", limit = local._memory == null ? null : local._memory * local._gib * local._limits.database_free_memory / 100, times = 3, comparison = "LessThanThreshold" }
    database-storage            = { metric = "FreeStorageSpace", limit = database.storage_gb * local._gib * local._limits.database_free_storage / 100, comparison = "LessThanThreshold" }
  }]...)
  _connections = var.observability.database_connections # null, as memory, where opsctl does not know the instance class
  _memory      = var.observability.database_memory_gb

  _cache_alarms = merge([for node in local._cache_nodes : {
    "cache-${node}-cpu"       = { metric = "EngineCPUUtilization", limit = local._limits.cache_cpu, times = 3, node = node }
    "cache-${node}-memory"    = { metric = "DatabaseMemoryUsagePercentage", limit = local._limits.cache_memory, node = node }
    "cache-${node}-evictions" = { metric = "Evictions", limit = 0, statistic = "Sum", node = node }
  }]...)
  _cache_nodes = var.cache == null ? [] : formatlist("%03d", range(1, var.cache.nodes + 1))

  _load_balancer_alarms = merge([for load_balancer in var.load_balancer[*] : {
    load-balancer-latency    = { metric = "TargetResponseTime", limit = var.observability.slo.latency_seconds, statistic = "p95", times = 2 }
    load-balancer-rejected   = { metric = "RejectedConnectionCount", limit = 0, statistic = "Sum" }
    load-balancer-unanswered = { metric = "TargetConnectionErrorCount", limit = 0, statistic = "Sum" }
  }]...)

  _target_alarms = merge([for load_balancer in var.load_balancer[*] : {
    for name, suffix in load_balancer.target_group_arn_suffixes : "unhealthy-${name}" => { metric = "UnHealthyHostCount", limit = 0, statistic = "Maximum", times = 2, target_group = suffix }
  }]...)

  # Metrics of the control plane, which EKS publishes without an agent.
  _cluster_alarms = merge([for cluster in var.cluster[*] : {
    cluster-pending   = { metric = "scheduler_pending_pods_UNSCHEDULABLE", limit = 0, statistic = "Minimum", period = 60, times = 10 }
    cluster-api-error = { metric = "apiserver_request_total_5XX", limit = 10, statistic = "Sum", times = 3 }
  }]...)

  _alarms = merge(
    { for name, alarm in local._database_alarms : name => merge(local._usual, alarm, { namespace = "AWS/RDS", dimensions = { DBInstanceIdentifier = var.database.identifier } }) if alarm.limit != null },
    { for name, alarm in local._cache_alarms : name => merge(local._usual, alarm, { namespace = "AWS/ElastiCache", dimensions = { CacheClusterId = "${var.cache.id}-${alarm.node}" } }) },
    { for name, alarm in local._load_balancer_alarms : name => merge(local._usual, alarm, { namespace = "AWS/ApplicationELB", dimensions = { LoadBalancer = var.load_balancer.arn_suffix } }) },
    { for name, alarm in local._target_alarms : name => merge(local._usual, alarm, { namespace = "AWS/ApplicationELB", dimensions = { LoadBalancer = var.load_balancer.arn_suffix, TargetGroup = alarm.target_group } }) },
    { for name, alarm in local._cluster_alarms : name => merge(local._usual, alarm, { namespace = "AWS/EKS", dimensions = { ClusterName = var.cluster.name } }) },
  )
}

resource "aws_cloudwatch_metric_alarm" "this" {
  for_each = local._alarms

  alarm_name          = "${local.name}-${each.key}"
  alarm_description   = "${title(each.value.severity)}: ${each.value.metric} of ${local.name}"
  namespace           = each.value.namespace
  metric_name         = each.value.metric
  dimensions          = each.value.dimensions
  statistic           = startswith(each.value.statistic, "p") ? null : each.value.statistic
  extended_statistic  = startswith(each.value.statistic, "p") ? each.value.statistic : null
  period              = each.value.period
  evaluation_periods  = each.value.times
  comparison_operator = each.value.comparison
  threshold           = each.value.limit
  treat_missing_data  = "notBreaching" # counters are missing while there is nothing to count
  alarm_actions       = local._actions[each.value.severity]
  ok_actions          = local._actions[each.value.severity]
}

# What RDS tells in words: failovers, failed backups, storage that ends.
resource "aws_db_event_subscription" "this" {
  count = var.database == null ? 0 : 1

  name             = local.name
  sns_topic        = aws_sns_topic.this["ticket"].arn
  source_type      = "db-instance"
  source_ids       = [var.database.identifier]
  event_categories = ["availability", "backup", "failover", "failure", "low storage", "maintenance", "recovery"]

  depends_on = [aws_sns_topic_policy.this]
}
