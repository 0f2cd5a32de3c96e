# Rules of modules/observability, on a mocked provider.

mock_provider "aws" {
  override_during = plan

  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
  mock_resource "aws_cloudwatch_log_group" {
    defaults = { arn = "arn:aws:logs:us-east-1:123456789012:log-group:mock" }
  }
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::123456789012:role/mock" }
  }
  mock_resource "aws_kms_key" {
    defaults = { arn = "arn:aws:kms:us-east-1:123456789012:key/mock" }
  }
  mock_resource "aws_prometheus_workspace" {
    defaults = { arn = "arn:aws:aps:us-east-1:123456789012:workspace/ws-mock" }
  }
  mock_resource "aws_sns_topic" {
    defaults = { arn = "arn:aws:sns:us-east-1:123456789012:mock" }
  }
}

mock_provider "aws" {
  alias           = "us_east_1"
  override_during = plan

  mock_resource "aws_kms_key" {
    defaults = { arn = "arn:aws:kms:us-east-1:123456789012:key/mock" }
  }
  mock_resource "aws_sns_topic" {
    defaults = { arn = "arn:aws:sns:us-east-1:123456789012:cdn" }
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
  observability = {
    log_days             = 90
    log_shipper          = "fluent_bit"
    probe_seconds        = 30
    silent_minutes       = 15
    prometheus           = "managed"
    grafana              = "managed"
    grafana_admin_groups = ["11111111-2222-3333-4444-555555555555"]
    dashboards           = ["operations", "development", "executive", "security", "finance"]
    slo                  = { availability = 99.9, latency_seconds = 2, latency_share = 95, least_requests = 100 }
    alerts = {
      page_emails   = ["pager@example.com"]
      ticket_emails = ["team@example.com"]
      page_webhook  = null
    }
    thresholds = {
      websocket_ticket            = 80
      websocket_page              = 90
      database_connections_ticket = 70
      database_connections_page   = 85
      database_cpu                = 80
      database_free_memory        = 10
      database_free_storage       = 15
      cache_cpu                   = 80
      cache_memory                = 75
      load_balancer_errors        = 0.5
      cdn_errors                  = 1
      rate_limited                = 5
    }
    burn_alarms = { # of 99.9 and 95
      "1h" = { severity = "page", burn = 14.4, long_seconds = 3600, short_seconds = 300, failed_percent = 1.44, slow_percent = 72 }
      "6h" = { severity = "page", burn = 6, long_seconds = 21600, short_seconds = 1800, failed_percent = 0.6, slow_percent = 30 }
      "1d" = { severity = "ticket", burn = 3, long_seconds = 86400, short_seconds = 7200, failed_percent = 0.3, slow_percent = 15 }
      "3d" = { severity = "ticket", burn = 1, long_seconds = 259200, short_seconds = 21600, failed_percent = 0.1, slow_percent = 5 }
    }
    database_connections = 1700
    database_memory_gb   = 16
    scrape               = { port = 8001, path = "/metrics", quiet_paths = ["/health"], sockets_per_pod = 100 }
  }
  cache         = { id = "agent-prod", nodes = 2 }
  cluster       = { name = "agent-prod", arn = "arn:aws:eks:us-east-1:123456789012:cluster/agent-prod", subnet_ids = { a = "subnet-a", b = "subnet-b" }, security_group_id = "sg-nodes", addon_versions = {} }
  database      = { identifier = "agent-prod", storage_gb = 100 }
  distribution  = { id = "E1" }
  site          = { host = "api.example.com", path = "/health" }
  load_balancer = { arn_suffix = "app/agent-prod/1", target_group_arn_suffixes = { api-blue = "targetgroup/b/1", api-green = "targetgroup/g/2" } }
}

run "logs_are_encrypted_and_end" {
  command = plan

  module {
    source = "./modules/observability"
  }

  assert {
    condition     = alltrue([for group in aws_cloudwatch_log_group.this : group.retention_in_days == 90 && group.kms_key_id != null])
    error_message = "Logs are kept as long as configured, by a key of their own."
  }
  assert {
    condition     = one([for statement in jsondecode(aws_kms_key.this.policy).Statement : statement.Principal.Service if statement.Sid == "Logs"]) == "logs.us-east-1.amazonaws.com"
    error_message = "CloudWatch Logs of this region must be able to use the key."
  }
  assert {
    condition     = jsondecode(aws_kms_key.this.policy).Statement[2].Condition.ArnLike["kms:EncryptionContext:aws:logs:arn"] == "arn:aws:logs:us-east-1:123456789012:log-group:*"
    error_message = "Only for log groups of this account."
  }
}

run "logs_are_shipped_into_groups_that_are_there" {
  command = plan

  module {
    source = "./modules/observability"
  }

  assert {
    condition     = aws_eks_addon.shipper["this"].addon_name == "amazon-cloudwatch-observability" && aws_eks_addon.shipper["this"].cluster_name == "agent-prod"
    error_message = "EKS's own add-on brings the logs."
  }
  assert {
    condition = keys(aws_cloudwatch_log_group.this) == ["application", "dataplane", "host"] && alltrue([
      for name, file in jsondecode(aws_eks_addon.shipper["this"].configuration_values).containerLogs.fluentBit.config.extraFiles :
      strcontains(file, "log_group_name     /aws/containerinsights/agent-prod/${trimsuffix(name, "-log.conf")}\n")
    ])
    error_message = "Each group that is made is filled, and no other is."
  }
  assert {
    condition     = alltrue([for file in values(jsondecode(aws_eks_addon.shipper["this"].configuration_values).containerLogs.fluentBit.config.extraFiles) : strcontains(file, "auto_create_group  false") && strcontains(file, "log_stream_prefix  $${HOST_NAME}-")])
    error_message = "Whoever writes makes no group; a node has streams of its own."
  }
  assert {
    condition     = strcontains(jsondecode(aws_eks_addon.shipper["this"].configuration_values).containerLogs.fluentBit.config.extraFiles["application-log.conf"], "Keep_Log         Off")
    error_message = "JSON is not paid for twice, as fields and as text."
  }
  assert {
    condition     = jsondecode(aws_eks_addon.shipper["this"].configuration_values).agents == [] && !jsondecode(aws_eks_addon.shipper["this"].configuration_values).manager.applicationSignals.autoMonitor.monitorAllServices
    error_message = "Logs alone: no metrics that are paid for each, and nothing put into other pods."
  }
}

run "the_shipper_writes_there_and_nowhere_else" {
  command = plan

  module {
    source = "./modules/observability"
  }

  assert {
    condition     = toset(jsondecode(aws_iam_role_policy.shipper["this"].policy).Statement[0].Resource) == toset(["arn:aws:logs:us-east-1:123456789012:log-group:mock", "arn:aws:logs:us-east-1:123456789012:log-group:mock:log-stream:*"])
    error_message = "Into the log groups of this environment."
  }
  assert {
    condition     = jsondecode(aws_iam_role_policy.shipper["this"].policy).Statement[0].Action == ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"] && length(jsondecode(aws_iam_role_policy.shipper["this"].policy).Statement) == 1
    error_message = "Writing is all that it may do."
  }
  assert {
    condition = jsondecode(aws_iam_role.shipper["this"].assume_role_policy).Statement[0].Condition.StringEquals == {
      "aws:SourceAccount"                         = "123456789012"
      "aws:RequestTag/kubernetes-namespace"       = "amazon-cloudwatch"
      "aws:RequestTag/kubernetes-service-account" = "cloudwatch-agent"
      "aws:RequestTag/eks-cluster-name"           = "agent-prod"
    }
    error_message = "One service account of one cluster has these rights."
  }
  assert {
    condition     = aws_eks_pod_identity_association.shipper["this"].namespace == "amazon-cloudwatch" && aws_eks_pod_identity_association.shipper["this"].service_account == "cloudwatch-agent"
    error_message = "The add-on's pods run as this account."
  }
}

run "the_add_on_stays_at_a_version_that_is_given" {
  command = plan

  module {
    source = "./modules/observability"
  }
  variables {
    cluster = merge(var.cluster, { addon_versions = { amazon-cloudwatch-observability = "v6.3.0-eksbuild.1" } })
  }

  assert {
    condition     = aws_eks_addon.shipper["this"].addon_version == "v6.3.0-eksbuild.1"
    error_message = "cluster.addon_versions holds for this add-on, too."
  }
}

run "own_shipper_needs_no_add_on" {
  command = plan

  module {
    source = "./modules/observability"
  }
  variables {
    observability = merge(var.observability, { log_shipper = "none" })
  }

  assert {
    condition     = length(aws_eks_addon.shipper) + length(aws_iam_role.shipper) + length(aws_eks_pod_identity_association.shipper) == 0 && length(aws_cloudwatch_log_group.this) == 3
    error_message = "The groups are there for whoever writes into them; nothing is installed."
  }
}

run "unknown_shipper_is_refused" {
  command = plan

  module {
    source = "./modules/observability"
  }
  variables {
    observability = merge(var.observability, { log_shipper = "fluentd" })
  }

  expect_failures = [var.observability]
}

run "alarms_reach_people" {
  command = plan

  module {
    source = "./modules/observability"
  }

  assert {
    condition     = { for name, one in aws_sns_topic_subscription.this : one.endpoint => name } == { "pager@example.com" = "page pager@example.com", "team@example.com" = "ticket team@example.com" }
    error_message = "Each address subscribes to the topic of its severity."
  }
  assert {
    condition     = alltrue([for topic in aws_sns_topic.this : topic.kms_master_key_id != null])
    error_message = "What alarms say is encrypted."
  }
  assert {
    condition     = alltrue([for policy in aws_sns_topic_policy.this : jsondecode(policy.policy).Statement[0].Condition.StringEquals["aws:SourceAccount"] == "123456789012"])
    error_message = "Only services that act for this account publish."
  }
  assert {
    condition     = alltrue([for alarm in aws_cloudwatch_metric_alarm.this : length(alarm.alarm_actions) > 0]) && length(aws_cloudwatch_composite_alarm.availability["1h"].alarm_actions) > 0
    error_message = "An alarm that notifies nobody is none."
  }
  assert {
    condition     = alltrue([for alarm in concat(values(aws_cloudwatch_metric_alarm.availability), values(aws_cloudwatch_metric_alarm.latency)) : length(coalesce(alarm.alarm_actions, [])) == 0])
    error_message = "One window alone notifies nobody."
  }
}

run "thresholds_of_99_9" {
  command = plan

  module {
    source = "./modules/observability"
  }
  override_resource {
    target          = aws_sns_topic.this["page"]
    override_during = plan

    values = { arn = "arn:aws:sns:us-east-1:123456789012:page" }
  }

  assert {
    condition = { for name, alarm in aws_cloudwatch_metric_alarm.availability : name => alarm.threshold } == {
      "1h-long" = 1.44, "1h-short" = 1.44, "6h-long" = 0.6, "6h-short" = 0.6, "1d-long" = 0.3, "1d-short" = 0.3, "3d-long" = 0.1, "3d-short" = 0.1
    }
    error_message = "0.1 % may fail; 14.4, 6, 3 and 1 times as much is too fast."
  }
  assert {
    condition = { for name, alarm in aws_cloudwatch_metric_alarm.latency : name => alarm.threshold } == {
      "1h-long" = 72, "1h-short" = 72, "6h-long" = 30, "6h-short" = 30, "1d-long" = 15, "1d-short" = 15, "3d-long" = 5, "3d-short" = 5
    }
    error_message = "5 % may be slow; 14.4, 6, 3 and 1 times as much is too fast."
  }
  assert {
    condition = { for name, alarm in aws_cloudwatch_metric_alarm.availability : name => one(distinct([for query in alarm.metric_query : query.metric[0].period if length(query.metric) > 0])) } == {
      "1h-long" = 3600, "1h-short" = 300, "6h-long" = 21600, "6h-short" = 1800, "1d-long" = 86400, "1d-short" = 7200, "3d-long" = 259200, "3d-short" = 21600
    }
    error_message = "Each alarm looks back over its window in one period."
  }
  assert {
    condition     = aws_cloudwatch_composite_alarm.availability["1h"].alarm_rule == "ALARM(\"agent-prod-availability-1h-long\") AND ALARM(\"agent-prod-availability-1h-short\")"
    error_message = "Both windows have to be too bad."
  }
  assert {
    condition     = contains([for query in aws_cloudwatch_metric_alarm.latency["1h-long"].metric_query : try(query.metric[0].stat, "")], "PR(2:)")
    error_message = "Slow is slower than the promise."
  }
  assert {
    condition     = { for name, alarm in aws_cloudwatch_composite_alarm.availability : name => length(alarm.alarm_actions) } == { "1h" = 2, "6h" = 2, "1d" = 1, "3d" = 1 }
    error_message = "What pages makes a ticket, too; the slow burns only that."
  }
}

run "thresholds_of_99_5" {
  command = plan

  module {
    source = "./modules/observability"
  }
  variables {
    observability = merge(var.observability, {
      slo = { availability = 99.5, latency_seconds = 1.5, latency_share = 99, least_requests = 10 }
      burn_alarms = {
        "1h" = { severity = "page", burn = 14.4, long_seconds = 3600, short_seconds = 300, failed_percent = 7.2, slow_percent = 14.4 }
        "3d" = { severity = "ticket", burn = 1, long_seconds = 259200, short_seconds = 21600, failed_percent = 0.5, slow_percent = 1 }
      }
    })
  }

  assert {
    condition     = { for name, alarm in aws_cloudwatch_metric_alarm.availability : name => alarm.threshold } == { "1h-long" = 7.2, "1h-short" = 7.2, "3d-long" = 0.5, "3d-short" = 0.5 }
    error_message = "0.5 % may fail."
  }
  assert {
    condition     = { for name, alarm in aws_cloudwatch_metric_alarm.latency : name => alarm.threshold } == { "1h-long" = 14.4, "1h-short" = 14.4, "3d-long" = 1, "3d-short" = 1 }
    error_message = "1 % may be slow."
  }
  assert {
    condition     = contains([for query in aws_cloudwatch_metric_alarm.latency["1h-long"].metric_query : try(query.metric[0].stat, "")], "PR(1.5:)") && aws_cloudwatch_metric_alarm.this["load-balancer-latency"].threshold == 1.5
    error_message = "Slow is slower than the promise."
  }
  assert {
    condition     = strcontains(one([for query in aws_cloudwatch_metric_alarm.availability["1h-long"].metric_query : query.expression if query.id == "failed"]), ">= 10,")
    error_message = "Few requests are no reason to ring."
  }
}

run "each_part_has_its_alarms" {
  command = plan

  module {
    source = "./modules/observability"
  }

  assert {
    condition = tolist(keys(aws_cloudwatch_metric_alarm.this)) == tolist([
      "cache-001-cpu", "cache-001-evictions", "cache-001-memory", "cache-002-cpu", "cache-002-evictions", "cache-002-memory",
      "cluster-api-error", "cluster-pending",
      "database-connections-page", "database-connections-ticket", "database-cpu", "database-memory", "database-storage",
      "load-balancer-latency", "load-balancer-rejected", "load-balancer-unanswered",
      "unhealthy-api-blue", "unhealthy-api-green",
    ])
    error_message = "An alarm for each thing that can go wrong."
  }
  assert {
    condition     = aws_cloudwatch_metric_alarm.this["database-connections-ticket"].threshold == 1190 && aws_cloudwatch_metric_alarm.this["database-connections-page"].threshold == 1445
    error_message = "70 and 85 % of 1700 connections."
  }
  assert {
    condition     = aws_cloudwatch_metric_alarm.this["database-storage"].threshold == 15 * 1024 * 1024 * 1024 && aws_cloudwatch_metric_alarm.this["database-storage"].comparison_operator == "LessThanThreshold"
    error_message = "15 % of 100 GiB, in bytes."
  }
  assert {
    condition     = aws_cloudwatch_metric_alarm.this["unhealthy-api-green"].dimensions == tomap({ LoadBalancer = "app/agent-prod/1", TargetGroup = "targetgroup/g/2" })
    error_message = "Each color is watched by itself."
  }
  assert {
    condition     = aws_cloudwatch_metric_alarm.this["cache-002-memory"].dimensions == tomap({ CacheClusterId = "agent-prod-002" })
    error_message = "Each node of the cache is watched."
  }
}

run "what_does_not_exist_has_no_alarms" {
  command = plan

  module {
    source = "./modules/observability"
  }
  variables {
    cache         = null
    cluster       = null
    database      = null
    distribution  = null
    load_balancer = null
    site          = null
    observability = merge(var.observability, { prometheus = "none" })
  }

  assert {
    condition     = length(aws_cloudwatch_metric_alarm.silence) + length(aws_cloudwatch_metric_alarm.outside) + length(aws_cloudwatch_metric_alarm.this) + length(aws_cloudwatch_metric_alarm.availability) + length(aws_cloudwatch_composite_alarm.latency) + length(aws_cloudwatch_metric_alarm.load_balancer_errors) + length(aws_cloudwatch_metric_alarm.cdn_errors) + length(aws_db_event_subscription.this) == 0
    error_message = "An alarm on what is not there would be silent for ever."
  }
}

run "unknown_instance_class_has_no_alarm_of_its_size" {
  command = plan

  module {
    source = "./modules/observability"
  }
  variables {
    observability = merge(var.observability, { database_connections = null, database_memory_gb = null })
  }

  assert {
    condition     = [for name in keys(aws_cloudwatch_metric_alarm.this) : name if startswith(name, "database-")] == ["database-cpu", "database-storage"]
    error_message = "No share of a number that nobody knows."
  }
}

run "at_home_in_us_east_1_there_is_one_set_of_topics" {
  command = plan

  module {
    source = "./modules/observability"
  }

  assert {
    condition     = length(aws_sns_topic.cdn) == 0 && aws_cloudwatch_metric_alarm.cdn_errors[0].alarm_actions == toset(["arn:aws:sns:us-east-1:123456789012:mock"])
    error_message = "CloudFront's alarm notifies the ticket topic."
  }
}

run "elsewhere_cloudfront_has_a_topic_in_its_own_region" {
  command = plan

  module {
    source = "./modules/observability"
  }
  variables {
    context = merge(var.context, { region = "eu-central-1" })
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.cdn_errors[0].alarm_actions == toset(["arn:aws:sns:us-east-1:123456789012:cdn"]) && keys(aws_sns_topic_subscription.cdn) == ["page pager@example.com", "ticket team@example.com"]
    error_message = "An alarm cannot notify a topic of another region."
  }
  assert {
    condition     = keys(aws_sns_topic.cdn) == ["page", "ticket"] && aws_cloudwatch_metric_alarm.outside["this"].alarm_actions == toset(["arn:aws:sns:us-east-1:123456789012:cdn"])
    error_message = "The probe pages there, too."
  }
}

run "silence_is_trouble" {
  command = plan

  module {
    source = "./modules/observability"
  }
  override_resource {
    target          = aws_sns_topic.this["page"]
    override_during = plan

    values = { arn = "arn:aws:sns:us-east-1:123456789012:page" }
  }

  assert {
    condition     = keys(aws_cloudwatch_metric_alarm.silence) == ["cluster", "logs", "prometheus"]
    error_message = "Each way by which something is seen has somebody who notices that it fell silent."
  }
  assert {
    condition     = alltrue([for alarm in aws_cloudwatch_metric_alarm.silence : alarm.treat_missing_data == "breaching" && alarm.comparison_operator == "LessThanThreshold" && alarm.threshold == 1 && alarm.evaluation_periods == 3])
    error_message = "Nothing at all in fifteen minutes, or no figures about it, is what is alarming."
  }
  assert {
    condition     = alltrue([for alarm in aws_cloudwatch_metric_alarm.silence : contains(alarm.alarm_actions, "arn:aws:sns:us-east-1:123456789012:page")])
    error_message = "It pages: all other alarms may be deaf by now."
  }
  assert {
    condition     = contains([for query in aws_cloudwatch_metric_alarm.silence["logs"].metric_query : coalesce(query.expression, "-")], "SUM([application, dataplane, host])")
    error_message = "One node or group that is quiet is no silence."
  }
  assert {
    condition     = { for query in aws_cloudwatch_metric_alarm.silence["prometheus"].metric_query : query.id => try(query.metric[0].metric_name, "") } == { alerts = "AlertManagerAlertsReceived", heard = "" }
    error_message = "CloudWatch hears the alert that always rings, from rules to the alert manager."
  }
}

run "the_watchdog_rings_at_nobody" {
  command = plan

  module {
    source = "./modules/observability"
  }

  assert {
    condition     = one([for rule in yamldecode(aws_prometheus_rule_group_namespace.this["this"].data).groups[3].rules : "${rule.expr} ${rule.labels.severity}" if rule.alert == "Watchdog"]) == "vector(1) none"
    error_message = "It always rings."
  }
  assert {
    condition     = yamldecode(yamldecode(aws_prometheus_alert_manager_definition.this["this"].definition).alertmanager_config).route.routes[0] == { receiver = "nobody", matchers = ["severity=\"none\""] } && !can(yamldecode(yamldecode(aws_prometheus_alert_manager_definition.this["this"].definition).alertmanager_config).receivers[0].sns_configs)
    error_message = "Nobody is told that all is well."
  }
  assert {
    condition     = one([for rule in yamldecode(aws_prometheus_rule_group_namespace.this["this"].data).groups[3].rules : "${rule["for"]} ${rule.labels.severity}" if rule.alert == "MetricsSilent"]) == "15m page"
    error_message = "Pods whose metrics are gone page."
  }
}

run "without_shipper_and_prometheus_only_the_cluster_can_fall_silent" {
  command = plan

  module {
    source = "./modules/observability"
  }
  variables {
    observability = merge(var.observability, { log_shipper = "none", prometheus = "none", silent_minutes = 60 })
  }

  assert {
    condition     = keys(aws_cloudwatch_metric_alarm.silence) == ["cluster"] && aws_cloudwatch_metric_alarm.silence["cluster"].evaluation_periods == 12
    error_message = "What is not there is not missed; an hour is twelve periods."
  }
}

run "users_ways_in_are_tried_from_outside" {
  command = plan

  module {
    source = "./modules/observability"
  }

  assert {
    condition     = aws_route53_health_check.outside["this"].type == "HTTPS" && aws_route53_health_check.outside["this"].enable_sni && aws_route53_health_check.outside["this"].fqdn == "api.example.com" && aws_route53_health_check.outside["this"].resource_path == "/health" && aws_route53_health_check.outside["this"].request_interval == 30
    error_message = "The public health path, over TLS, as often as configured."
  }
  assert {
    condition     = aws_cloudwatch_metric_alarm.outside["this"].treat_missing_data == "breaching" && aws_cloudwatch_metric_alarm.outside["this"].threshold == 1 && aws_cloudwatch_metric_alarm.outside["this"].comparison_operator == "LessThanThreshold"
    error_message = "Unhealthy is 0; no answer is trouble, too."
  }
  assert {
    condition     = aws_cloudwatch_metric_alarm.outside["this"].alarm_actions == toset(["arn:aws:sns:us-east-1:123456789012:mock"]) && length(aws_sns_topic.cdn) == 0
    error_message = "At home in us-east-1 it notifies the topics that are there."
  }
}

run "nobody_is_asked_from_outside_where_that_is_off" {
  command = plan

  module {
    source = "./modules/observability"
  }
  variables {
    observability = merge(var.observability, { probe_seconds = 0 })
    context       = merge(var.context, { region = "eu-central-1" })
  }

  assert {
    condition     = length(aws_route53_health_check.outside) + length(aws_cloudwatch_metric_alarm.outside) == 0 && keys(aws_sns_topic.cdn) == ["ticket"]
    error_message = "No probe, no alarm, and no topic for it."
  }
}

run "interval_that_route_53_lacks_is_refused" {
  command = plan

  module {
    source = "./modules/observability"
  }
  variables {
    observability = merge(var.observability, { probe_seconds = 60 })
  }

  expect_failures = [var.observability]
}

run "silence_in_no_whole_periods_is_refused" {
  command = plan

  module {
    source = "./modules/observability"
  }
  variables {
    observability = merge(var.observability, { silent_minutes = 7 })
  }

  expect_failures = [var.observability]
}

run "every_audience_has_a_dashboard" {
  command = plan

  module {
    source = "./modules/observability"
  }

  assert {
    condition     = keys(aws_cloudwatch_dashboard.this) == ["development", "executive", "finance", "operations", "security"]
    error_message = "One for each audience."
  }
  assert {
    condition     = length(jsondecode(aws_cloudwatch_dashboard.this["operations"].dashboard_body).widgets) == 12 && alltrue([for one in aws_cloudwatch_dashboard.this : alltrue([for widget in jsondecode(one.dashboard_body).widgets : length(widget.properties.metrics) > 0])])
    error_message = "No widget is empty."
  }
}

run "dashboards_show_only_what_exists" {
  command = plan

  module {
    source = "./modules/observability"
  }
  variables {
    observability = merge(var.observability, { dashboards = ["executive"] })
    load_balancer = null
  }

  assert {
    condition     = { for name, one in aws_cloudwatch_dashboard.this : name => [for widget in jsondecode(one.dashboard_body).widgets : widget.properties.title] } == { executive = ["Charges of the account this month, USD"] }
    error_message = "A widget about what is not there would be empty for ever."
  }
}

run "prometheus_judges_by_the_same_figures" {
  command = plan

  module {
    source = "./modules/observability"
  }

  assert {
    condition     = one([for rule in yamldecode(aws_prometheus_rule_group_namespace.this["this"].data).groups[1].rules : rule.expr if rule.alert == "AvailabilityBurn1h"]) == "job:http_requests_failed:percent_60m > 1.44 and job:http_requests:increase_60m >= 100 and job:http_requests_failed:percent_5m > 1.44 and job:http_requests:increase_5m >= 100"
    error_message = "The thresholds of the promise, over both windows."
  }
  assert {
    condition     = { for rule in yamldecode(aws_prometheus_rule_group_namespace.this["this"].data).groups[1].rules : rule.alert => rule.labels.severity } == { AvailabilityBurn1h = "page", LatencyBurn1h = "page", AvailabilityBurn6h = "page", LatencyBurn6h = "page", AvailabilityBurn1d = "ticket", LatencyBurn1d = "ticket", AvailabilityBurn3d = "ticket", LatencyBurn3d = "ticket" }
    error_message = "Severities are those of the alarms."
  }
  assert {
    condition     = alltrue(flatten([for burn in values(var.observability.burn_alarms) : [for seconds in [burn.long_seconds, burn.short_seconds] : contains([for rule in yamldecode(aws_prometheus_rule_group_namespace.this["this"].data).groups[0].rules : rule.record], "job:http_requests_slow:percent_${seconds / 60}m")]]))
    error_message = "What an alert reads is recorded."
  }
  assert {
    condition     = one([for rule in yamldecode(aws_prometheus_rule_group_namespace.this["this"].data).groups[2].rules : rule.expr if rule.alert == "WebsocketsFull"]) == "100 * sum by (color) (websocket_connections) / (count by (color) (websocket_connections) * 100) > 90"
    error_message = "Sockets are counted against the places of their own color."
  }
  assert {
    condition     = yamldecode(yamldecode(aws_prometheus_alert_manager_definition.this["this"].definition).alertmanager_config).route.receiver == "ticket"
    error_message = "An alert that says nothing else makes a ticket."
  }
  assert {
    condition     = yamldecode(aws_prometheus_scraper.this["this"].scrape_configuration).scrape_configs[0].relabel_configs[1].regex == "8001" && aws_prometheus_scraper.this["this"].source[0].eks[0].subnet_ids == toset(["subnet-a", "subnet-b"])
    error_message = "The metrics port of each pod is asked, from the cluster's subnets."
  }
  assert {
    condition     = aws_prometheus_workspace.this["this"].kms_key_arn != null
    error_message = "Metrics are encrypted by a key of their own."
  }
}

run "own_collector_needs_no_scraper" {
  command = plan

  module {
    source = "./modules/observability"
  }
  variables {
    observability = merge(var.observability, { prometheus = "remote_write" })
  }

  assert {
    condition     = length(aws_prometheus_workspace.this) == 1 && length(aws_prometheus_rule_group_namespace.this) == 1 && length(aws_prometheus_scraper.this) == 0
    error_message = "The workspace and its rules are there, and who fills it is somebody else."
  }
}

run "without_prometheus_and_grafana_there_is_neither" {
  command = plan

  module {
    source = "./modules/observability"
  }
  variables {
    observability = merge(var.observability, { prometheus = "none", grafana = "none", grafana_admin_groups = [] })
  }

  assert {
    condition     = length(aws_prometheus_workspace.this) + length(aws_prometheus_scraper.this) + length(aws_prometheus_alert_manager_definition.this) + length(aws_grafana_workspace.this) + length(aws_iam_role.grafana) == 0
    error_message = "None means none."
  }
}

run "grafana_reads_and_is_entered_through_the_organisation" {
  command = plan

  module {
    source = "./modules/observability"
  }

  assert {
    condition     = aws_grafana_workspace.this["this"].authentication_providers == tolist(["AWS_SSO"]) && aws_grafana_role_association.admin["this"].role == "ADMIN"
    error_message = "People log in by IAM Identity Center; the named groups administer."
  }
  assert {
    condition     = alltrue([for statement in jsondecode(aws_iam_role_policy.grafana["this"].policy).Statement : alltrue([for action in statement.Action : can(regex(":(Describe|Get|List|Query)", action))])])
    error_message = "Grafana only reads."
  }
}

run "unknown_kind_of_prometheus_is_refused" {
  command = plan

  module {
    source = "./modules/observability"
  }
  variables {
    observability = merge(var.observability, { prometheus = "self" })
  }

  expect_failures = [var.observability]
}

run "unknown_kind_of_grafana_is_refused" {
  command = plan

  module {
    source = "./modules/observability"
  }
  variables {
    observability = merge(var.observability, { grafana = "self", grafana_admin_groups = [] })
  }

  expect_failures = [var.observability]
}

run "administrators_of_no_grafana_are_refused" {
  command = plan

  module {
    source = "./modules/observability"
  }
  variables {
    observability = merge(var.observability, { grafana = "none" })
  }

  expect_failures = [var.observability]
}

run "dashboard_for_nobody_is_refused" {
  command = plan

  module {
    source = "./modules/observability"
  }
  variables {
    observability = merge(var.observability, { dashboards = ["everyone"] })
  }

  expect_failures = [var.observability]
}

run "retention_that_cloudwatch_lacks_is_refused" {
  command = plan

  module {
    source = "./modules/observability"
  }
  variables {
    observability = merge(var.observability, { log_days = 100 })
  }

  expect_failures = [var.observability]
}

run "promise_that_nobody_keeps_is_refused" {
  command = plan

  module {
    source = "./modules/observability"
  }
  variables {
    observability = merge(var.observability, { slo = { availability = 100, latency_seconds = 2, latency_share = 95, least_requests = 100 } })
  }

  expect_failures = [var.observability]
}

run "burn_that_cannot_be_seen_is_refused" {
  command = plan

  module {
    source = "./modules/observability"
  }
  variables {
    observability = merge(var.observability, { burn_alarms = { "1h" = { severity = "page", burn = 14.4, long_seconds = 3600, short_seconds = 300, failed_percent = 1.44, slow_percent = 144 } } })
  }

  expect_failures = [var.observability]
}

run "window_longer_than_cloudwatch_looks_back_is_refused" {
  command = plan

  module {
    source = "./modules/observability"
  }
  variables {
    observability = merge(var.observability, { burn_alarms = { "30d" = { severity = "ticket", burn = 1, long_seconds = 2592000, short_seconds = 216000, failed_percent = 0.1, slow_percent = 5 } } })
  }

  expect_failures = [var.observability]
}

run "severity_without_a_topic_is_refused" {
  command = plan

  module {
    source = "./modules/observability"
  }
  variables {
    observability = merge(var.observability, { burn_alarms = { "1h" = { severity = "info", burn = 14.4, long_seconds = 3600, short_seconds = 300, failed_percent = 1.44, slow_percent = 72 } } })
  }

  expect_failures = [var.observability]
}

run "page_of_connections_before_the_ticket_is_refused" {
  command = plan

  module {
    source = "./modules/observability"
  }
  variables {
    observability = merge(var.observability, { thresholds = merge(var.observability.thresholds, { database_connections_page = 70 }) })
  }

  expect_failures = [var.observability]
}

run "page_of_sockets_before_the_ticket_is_refused" {
  command = plan

  module {
    source = "./modules/observability"
  }
  variables {
    observability = merge(var.observability, { thresholds = merge(var.observability.thresholds, { websocket_ticket = 95 }) })
  }

  expect_failures = [var.observability]
}
