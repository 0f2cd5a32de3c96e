# What a dashboard can show, by a word. What does not exist has no widgets, so that none is empty for ever.
locals {
  _region = var.context.region

  _balancer_widgets = merge([for one in var.load_balancer[*] : {
    requests = { title = "Requests", metrics = [["AWS/ApplicationELB", "RequestCount", "LoadBalancer", one.arn_suffix, { stat = "Sum" }]] }
    errors = { title = "5xx of the application and of the load balancer", metrics = [
      ["AWS/ApplicationELB", "HTTPCode_Target_5XX_Count", "LoadBalancer", one.arn_suffix, { stat = "Sum" }],
      ["AWS/ApplicationELB", "HTTPCode_ELB_5XX_Count", "LoadBalancer", one.arn_suffix, { stat = "Sum" }],
    ] }
    latency = { title = "Latency, seconds (promised: ${var.observability.slo.latency_share} % within ${var.observability.slo.latency_seconds})", metrics = [for stat in ["p50", "p95", "p99"] : ["AWS/ApplicationELB", "TargetResponseTime", "LoadBalancer", one.arn_suffix, { stat = stat, label = stat }]] }
    sockets = { title = "Open connections", metrics = [["AWS/ApplicationELB", "ActiveConnectionCount", "LoadBalancer", one.arn_suffix, { stat = "Sum" }]] }
    colors  = { title = "Healthy pods of each color", metrics = [for name, group in one.target_group_arn_suffixes : ["AWS/ApplicationELB", "HealthyHostCount", "TargetGroup", group, "LoadBalancer", one.arn_suffix, { stat = "Minimum", label = name }]] }
    promise = { title = "Available, percent (promised: ${var.observability.slo.availability})", metrics = [
      [{ expression = "100 * (1 - (FILL(target, 0) + FILL(elb, 0)) / (answered + FILL(elb, 0)))", label = "Available", id = "available" }],
      ["AWS/ApplicationELB", "RequestCount", "LoadBalancer", one.arn_suffix, { id = "answered", stat = "Sum", visible = false }],
      ["AWS/ApplicationELB", "HTTPCode_ELB_5XX_Count", "LoadBalancer", one.arn_suffix, { id = "elb", stat = "Sum", visible = false }],
      ["AWS/ApplicationELB", "HTTPCode_Target_5XX_Count", "LoadBalancer", one.arn_suffix, { id = "target", stat = "Sum", visible = false }],
    ] }
    bytes = { title = "Bytes answered", metrics = [["AWS/ApplicationELB", "ProcessedBytes", "LoadBalancer", one.arn_suffix, { stat = "Sum" }]] }
  }]...)

  _database_widgets = merge([for one in var.database[*] : {
    connections = { title = "Connections of the database", metrics = [["AWS/RDS", "DatabaseConnections", "DBInstanceIdentifier", one.identifier, { stat = "Maximum" }]] }
    database    = { title = "CPU of the database, percent", metrics = [["AWS/RDS", "CPUUtilization", "DBInstanceIdentifier", one.identifier]] }
    storage     = { title = "Free storage of the database, bytes", metrics = [["AWS/RDS", "FreeStorageSpace", "DBInstanceIdentifier", one.identifier, { stat = "Minimum" }]] }
    queries     = { title = "Latency of the database's storage, seconds", metrics = [for name in ["ReadLatency", "WriteLatency"] : ["AWS/RDS", name, "DBInstanceIdentifier", one.identifier]] }
  }]...)

  _cache_widgets = merge([for one in var.cache[*] : {
    cache = { title = "Memory of the cache, percent", metrics = [for node in local._cache_nodes : ["AWS/ElastiCache", "DatabaseMemoryUsagePercentage", "CacheClusterId", "${one.id}-${node}", { label = node }]] }
    hits  = { title = "Hits of the cache, percent", metrics = [for node in local._cache_nodes : ["AWS/ElastiCache", "CacheHitRate", "CacheClusterId", "${one.id}-${node}", { label = node }]] }
  }]...)

  _cluster_widgets = merge([for one in var.cluster[*] : {
    pending   = { title = "Pods that find no node", metrics = [["AWS/EKS", "scheduler_pending_pods_UNSCHEDULABLE", "ClusterName", one.name, { stat = "Maximum" }]] }
    forbidden = { title = "Refused requests to the cluster's API", metrics = [["AWS/EKS", "apiserver_request_total_4XX", "ClusterName", one.name, { stat = "Sum" }]] }
  }]...)

  _edge_widgets = merge([for one in var.distribution[*] : {
    cdn = { title = "Errors of CloudFront, percent", region = "us-east-1", metrics = [for name in ["4xxErrorRate", "5xxErrorRate"] : ["AWS/CloudFront", name, "DistributionId", one.id, "Region", "Global"]] }
  }]...)

  _common_widgets = {
    backups = { title = "Backups that failed", metrics = [["AWS/Backup", "NumberOfBackupJobsFailed", { stat = "Sum" }]] }
    charges = { title = "Charges of the account this month, USD", region = "us-east-1", metrics = [["AWS/Billing", "EstimatedCharges", "Currency", "USD", { stat = "Maximum", period = 21600 }]] }
    logs    = { title = "Logs taken in, bytes", metrics = [for name, group in aws_cloudwatch_log_group.this : ["AWS/Logs", "IncomingBytes", "LogGroupName", group.name, { stat = "Sum", label = name }]] }
  }

  _widgets = merge(local._balancer_widgets, local._database_widgets, local._cache_widgets, local._cluster_widgets, local._edge_widgets, local._common_widgets)
}
