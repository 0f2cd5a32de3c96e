# The root: what holds for all modules together.

mock_provider "aws" {
  override_during = plan

  mock_data "aws_availability_zones" {
    defaults = { names = ["us-east-1a", "us-east-1b", "us-east-1c"] }
  }
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
  mock_data "aws_region" {
    defaults = { id = "us-east-1" }
  }
  mock_resource "aws_backup_vault" {
    defaults = { arn = "arn:aws:backup:us-east-1:123456789012:backup-vault:mock" }
  }
  mock_resource "aws_acm_certificate" {
    defaults = {
      arn = "arn:aws:acm:us-east-1:123456789012:certificate/home"
      domain_validation_options = [
        { domain_name = "api.example.com", resource_record_name = "_1.api.example.com", resource_record_type = "CNAME", resource_record_value = "_1.acm" },
        { domain_name = "ws.example.com", resource_record_name = "_2.ws.example.com", resource_record_type = "CNAME", resource_record_value = "_2.acm" },
        { domain_name = "origin.example.com", resource_record_name = "_3.origin.example.com", resource_record_type = "CNAME", resource_record_value = "_3.acm" },
      ]
    }
  }
  mock_resource "aws_cloudfront_distribution" {
    defaults = { arn = "arn:aws:cloudfront::123456789012:distribution/MOCK", domain_name = "d1.cloudfront.net", hosted_zone_id = "ZCLOUDFRONT" }
  }
  mock_resource "aws_cloudwatch_log_group" {
    defaults = { arn = "arn:aws:logs:us-east-1:123456789012:log-group:mock" }
  }
  mock_resource "aws_db_instance" {
    defaults = { arn = "arn:aws:rds:us-east-1:123456789012:db:mock", master_user_secret = [{ secret_arn = "arn:aws:secretsmanager:us-east-1:123456789012:secret:mock" }] }
  }
  mock_resource "aws_eks_cluster" {
    defaults = { arn = "arn:aws:eks:us-east-1:123456789012:cluster/mock", certificate_authority = [{ data = "Y2E=" }] }
  }
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::123456789012:role/mock" }
  }
  mock_resource "aws_kms_key" {
    defaults = { arn = "arn:aws:kms:us-east-1:123456789012:key/mock" }
  }
  mock_resource "aws_launch_template" {
    defaults = { id = "lt-0", latest_version = 1 }
  }
  mock_resource "aws_prometheus_workspace" {
    defaults = { arn = "arn:aws:aps:us-east-1:123456789012:workspace/ws-mock" }
  }
  mock_resource "aws_lb" {
    defaults = { arn = "arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/app/mock/0", dns_name = "alb.example.net", zone_id = "ZALB" }
  }
  mock_resource "aws_lb_listener" {
    defaults = { arn = "arn:aws:elasticloadbalancing:us-east-1:123456789012:listener/app/mock/0/0" }
  }
  mock_resource "aws_lb_target_group" {
    defaults = { arn = "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/mock/0" }
  }
  mock_resource "aws_s3_bucket" {
    defaults = { arn = "arn:aws:s3:::mock" }
  }
}

mock_provider "aws" {
  alias           = "us_east_1"
  override_during = plan

  mock_resource "aws_acm_certificate" {
    defaults = { arn = "arn:aws:acm:us-east-1:123456789012:certificate/cdn" }
  }
  mock_resource "aws_cloudwatch_log_group" {
    defaults = { arn = "arn:aws:logs:us-east-1:123456789012:log-group:aws-waf-logs-mock" }
  }
  mock_resource "aws_wafv2_web_acl" {
    defaults = { arn = "arn:aws:wafv2:us-east-1:123456789012:global/webacl/mock/0" }
  }
}

mock_provider "aws" {
  alias           = "dr"
  override_during = plan

  mock_resource "aws_backup_vault" {
    defaults = { arn = "arn:aws:backup:us-west-2:123456789012:backup-vault:mock" }
  }
  mock_resource "aws_kms_key" {
    defaults = { arn = "arn:aws:kms:us-west-2:123456789012:key/mock" }
  }
}

variables {
  security = {
    compliance         = ["soc2"]
    account_baseline   = true
    services           = ["access_analyzer", "cloudtrail", "config", "ebs_encryption", "guardduty", "inspector", "password_policy", "public_access_block", "security_hub"]
    audit_log_days     = 365
    audit_archive_days = 2557
    object_lock_days   = 365
    alert_severity     = "high"
  }
  ci = {
    repository    = "acme/agent"
    oidc_provider = "create"
    subjects = {
      plan   = ["repo:acme/agent:pull_request"]
      apply  = ["repo:acme/agent:environment:prod"]
      push   = ["repo:acme/agent:ref:refs/heads/main"]
      deploy = ["repo:acme/agent:environment:prod"]
    }
  }
  state = { bucket = "agent-tfstate", key = "prod/terraform.tfstate" }
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
    tags                     = { owner = "platform" }
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
  cache = {
    enabled          = true
    engine           = "valkey"
    engine_version   = "8.2"
    node_type        = "cache.m7g.large"
    replicas         = 2
    snapshot_days    = 7
    maxmemory_policy = "volatile-lru"
  }
  cluster = {
    version               = "1.35"
    support               = "standard"
    existing_name         = null
    access                = "in_vpc"
    public_access_cidrs   = []
    log_days              = 365
    admin_role_arns       = ["arn:aws:iam::123456789012:role/breakglass"]
    deployer_role_arns    = []
    operator_role_arns    = []
    auditor_role_arns     = []
    break_glass_role_arns = []
    autoscaling           = "none"
    addon_versions        = {}
    nodes = {
      instance_types = ["m7g.xlarge"]
      ami_type       = "AL2023_ARM_64_STANDARD"
      min            = 3
      max            = 12
      disk_gb        = 50
      log_file_mb    = 100
      log_files      = 5
    }
  }
  cost = {
    monthly_budget_usd = 2000
    alert_percentages  = [50, 80, 100]
    alert_emails       = ["finance@example.com"]
    anomaly_usd        = 100
    activate_tags      = true
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
  network = {
    cidr          = "10.40.0.0/16"
    zones         = 3
    nat           = "per_zone"
    endpoints     = "minimal"
    peered_cidrs  = []
    flow_log_days = 365
    existing = {
      vpc_id              = null
      private_subnet_ids  = {}
      database_subnet_ids = {}
      public_subnet_ids   = {}
      edge_subnet_ids     = {}
      intra_subnet_ids    = {}
    }
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
  registry = { existing_url = null, keep_images = 50, untagged_days = 14, enhanced_scanning = true, replicate = true }
  secrets  = { names = ["perplexity-api-key"], recovery_days = 30, replicate = true, rotation_days = 90 }
  edge = {
    kind                  = "cloudfront"
    origin                = "vpc_origin"
    origin_header_version = 1
    domain                = "example.com"
    api_name              = "api"
    websocket_name        = "ws"
    hosted_zone_id        = null
    certificate_arn       = null
    cdn_certificate_arn   = null
    log_days              = 365
    alb                   = { idle_timeout = 300, client_keep_alive = 3600, deletion_protection = true }
    api                   = { deregistration_delay = 60, slow_start = 30 }
    websocket             = { deregistration_delay = 300, slow_start = 0 }
    health                = { interval = 10, timeout = 5, healthy = 2, unhealthy = 3 }
    cloudfront            = { origin_timeout = 60, origin_keep_alive = 60, price_class = "PriceClass_100", wait_for_deployment = true }
    waf                   = { mode = "count", requests_per_minute_per_ip = 1000, api_key_header = "x-api-key" }
  }
  services = {
    rate_limit_per_minute = 100
    api                   = { port = 8000, health_path = "/health" }
    websocket             = { port = 8080, path = "/ws", health_path = "/alive" }
    metrics               = { path = "/metrics" }
  }
}

run "the_whole_plans" {
  command = plan

  assert {
    condition     = tolist(keys(output.network.private_subnet_ids)) == output.network.zones && length(output.network.zones) == 3
    error_message = "Subnets are keyed by zone."
  }
  assert {
    condition     = tomap(local.tags) == tomap({ owner = "platform", application = "agent", environment = "prod", managed-by = "opsctl" })
    error_message = "Everything is tagged with the environment's tags and opsctl's."
  }
}

run "a_cache_may_be_left_out" {
  command = plan

  variables {
    cache = merge(var.cache, { enabled = false })
  }

  assert {
    condition     = length(module.cache) == 0 && output.cache == null
    error_message = "Without it nothing of it is made, and nobody is told of one."
  }
}

run "images_may_be_in_a_repository_that_is_there" {
  command = plan

  variables {
    registry = merge(var.registry, { existing_url = "210987654321.dkr.ecr.eu-west-1.amazonaws.com/shared/agent" })
  }

  assert {
    condition     = output.registry.repository_url == var.registry.existing_url && output.registry.arn == "arn:aws:ecr:eu-west-1:210987654321:repository/shared/agent"
    error_message = "What is told of a registry is the existing one's."
  }
}

run "without_a_way_in_there_is_no_edge" {
  command = plan

  variables {
    edge = merge(var.edge, { kind = "none" })
  }

  assert {
    condition     = output.edge == null && length(module.edge) == 0
    error_message = "edge.kind none leaves the whole module out."
  }
}

run "tag_of_ours_is_refused" {
  command = plan

  variables {
    context = merge(var.context, { tags = { managed-by = "hand" } })
  }

  expect_failures = [var.context]
}

run "name_too_long_is_refused" {
  command = plan

  variables {
    context = merge(var.context, { name = "a-name-that-no-iam-role-can-carry-xx" }) # 36
  }

  expect_failures = [var.context]
}

run "double_hyphen_is_refused" {
  command = plan

  variables {
    context = merge(var.context, { name = "agent--prod" })
  }

  expect_failures = [var.context]
}

run "unknown_stage_is_refused" {
  command = plan

  variables {
    context = merge(var.context, { stage = "prod" })
  }

  expect_failures = [var.context]
}

run "malformed_account_is_refused" {
  command = plan

  variables {
    context = merge(var.context, { account_id = "12345" })
  }

  expect_failures = [var.context]
}
