# Rules of modules/edge, on a mocked provider: it proves our logic, not that AWS accepts the values.

mock_provider "aws" {
  override_during = plan

  mock_data "aws_ec2_managed_prefix_list" {
    defaults = { id = "pl-cloudfront" }
  }
  mock_data "aws_secretsmanager_random_password" {
    defaults = { random_password = "made-by-aws" }
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
  mock_resource "aws_lb" {
    defaults = { arn = "arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/app/mock/0", dns_name = "alb.example.net", zone_id = "ZALB" }
  }
  mock_resource "aws_lb_listener" {
    defaults = { arn = "arn:aws:elasticloadbalancing:us-east-1:123456789012:listener/app/mock/0/0" }
  }
  mock_resource "aws_lb_target_group" {
    defaults = { arn = "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/mock/0" }
  }
  mock_resource "aws_route53_zone" {
    defaults = { zone_id = "ZMADE", name_servers = ["ns-1.example.org"] }
  }
  mock_resource "aws_s3_bucket" {
    defaults = { arn = "arn:aws:s3:::mock" }
  }
  mock_resource "aws_security_group" {
    defaults = { id = "sg-alb" }
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
  edge_subnet_ids        = { us-east-1a = "subnet-edge-a", us-east-1b = "subnet-edge-b" }
  node_security_group_id = "sg-nodes"
  public_subnet_ids      = { us-east-1a = "subnet-public-a", us-east-1b = "subnet-public-b" }
  services = {
    rate_limit_per_minute = 100
    api                   = { port = 8000, health_path = "/health" }
    websocket             = { port = 8080, path = "/ws", health_path = "/alive" }
    metrics               = { path = "/metrics" }
  }
  vpc_id = "vpc-0"
}

run "a_color_is_a_target_group_for_ever" {
  command = plan

  module {
    source = "./modules/edge"
  }
  providers = {
    aws           = aws
    aws.us_east_1 = aws.us_east_1
  }

  assert {
    condition     = [for backend, group in aws_lb_target_group.backend : "${backend} ${group.name} ${group.port} ${group.health_check[0].path}"] == ["api-blue agent-prod-api-blue 8000 /health", "api-green agent-prod-api-green 8000 /health", "websocket-blue agent-prod-ws-blue 8080 /alive", "websocket-green agent-prod-ws-green 8080 /alive"]
    error_message = "Each service has a target group a color, asked for its own health."
  }
  assert {
    condition     = alltrue([for group in aws_lb_target_group.backend : group.target_type == "ip" && !group.stickiness[0].enabled])
    error_message = "Pods are targets, and no cookie keeps users on a color."
  }
  assert {
    condition     = [for group in aws_lb_target_group.backend : group.deregistration_delay] == ["60", "60", "300", "300"]
    error_message = "Requests end in a minute, connections in five."
  }
  assert {
    condition     = [for group in aws_lb_target_group.backend : group.load_balancing_algorithm_type] == ["round_robin", "round_robin", "least_outstanding_requests", "least_outstanding_requests"]
    error_message = "AWS refuses a slow start of anything but round robin."
  }
}

run "blue_begins_and_green_stays_attached" {
  command = plan

  module {
    source = "./modules/edge"
  }
  providers = {
    aws           = aws
    aws.us_east_1 = aws.us_east_1
  }

  assert {
    condition     = alltrue([for rule in aws_lb_listener_rule.users : sum([for group in rule.action[0].forward[0].target_group : group.weight]) == 100 && length(rule.action[0].forward[0].target_group) == 2])
    error_message = "Both colors are attached from the start, so that the idle one is health-checked."
  }
  assert {
    condition     = aws_lb_listener_rule.users["websocket"].priority < aws_lb_listener_rule.users["api"].priority
    error_message = "WebSocket paths go before all others."
  }
  assert {
    condition     = max([for rule in aws_lb_listener_rule.color : rule.priority]...) < aws_lb_listener_rule.users["websocket"].priority
    error_message = "A color that is asked for goes before the active one."
  }
  assert {
    condition     = aws_lb_listener_rule.color["websocket-green"].priority < aws_lb_listener_rule.color["api-green"].priority
    error_message = "WebSocket paths go before all others, of a color that is asked for, too."
  }
}

run "metrics_are_not_public" {
  command = plan

  module {
    source = "./modules/edge"
  }
  providers = {
    aws           = aws
    aws.us_east_1 = aws.us_east_1
  }

  assert {
    condition     = aws_lb_listener_rule.metrics.action[0].fixed_response[0].status_code == "404" && aws_lb_listener_rule.metrics.priority < min([for rule in aws_lb_listener_rule.color : rule.priority]...)
    error_message = "The path of the metrics answers 404, before anything else is asked."
  }
  assert {
    condition     = [for rule in aws_vpc_security_group_ingress_rule.pod : rule.from_port] == [8000, 8080]
    error_message = "The load balancer reaches the ports of API and WebSocket only."
  }
}

run "only_cloudfront_reaches_the_load_balancer" {
  command = plan

  module {
    source = "./modules/edge"
  }
  providers = {
    aws           = aws
    aws.us_east_1 = aws.us_east_1
  }

  assert {
    condition     = aws_lb.this.internal && toset(aws_lb.this.subnets) == toset(["subnet-edge-a", "subnet-edge-b"])
    error_message = "Behind a VPC origin the load balancer has no public address."
  }
  assert {
    condition     = aws_vpc_security_group_ingress_rule.cloudfront["this"].prefix_list_id == "pl-cloudfront" && length(aws_vpc_security_group_ingress_rule.user) == 0 && length(aws_lb_listener.http) == 0
    error_message = "Only addresses of CloudFront get in, and only by HTTPS."
  }
  assert {
    condition     = length(terraform_data.origin_secret) == 0
    error_message = "A VPC origin needs no secret, so none is made."
  }
}

run "connections_are_hardened" {
  command = plan

  module {
    source = "./modules/edge"
  }
  providers = {
    aws           = aws
    aws.us_east_1 = aws.us_east_1
  }

  assert {
    condition     = aws_lb.this.drop_invalid_header_fields && aws_lb.this.desync_mitigation_mode == "defensive" && aws_lb.this.enable_deletion_protection && aws_lb.this.access_logs[0].enabled
    error_message = "Odd headers are dropped, requests are logged, and AWS refuses to delete it."
  }
  assert {
    condition     = aws_lb_listener.https.ssl_policy == "ELBSecurityPolicy-TLS13-1-2-2021-06" && aws_cloudfront_distribution.this["this"].viewer_certificate[0].minimum_protocol_version == "TLSv1.2_2021"
    error_message = "TLS 1.2 is the oldest, on both."
  }
  assert {
    condition     = aws_lb.this.idle_timeout == 300 && aws_lb.this.client_keep_alive == 3600
    error_message = "Timeouts are those of the environment."
  }
}

run "cloudfront_carries_websockets" {
  command = plan

  module {
    source = "./modules/edge"
  }
  providers = {
    aws           = aws
    aws.us_east_1 = aws.us_east_1
  }

  assert {
    condition     = aws_cloudfront_distribution.this["this"].ordered_cache_behavior[0].path_pattern == "/ws*" && aws_cloudfront_distribution.this["this"].ordered_cache_behavior[0].origin_request_policy_id == "216adef6-5c7f-47e4-b989-5492eafa07d3"
    error_message = "All headers of an upgrade are passed on."
  }
  assert {
    condition     = aws_cloudfront_distribution.this["this"].ordered_cache_behavior[0].cache_policy_id == "4135ea2d-6df8-44a3-9df3-4b5a84be39ad" && aws_cloudfront_distribution.this["this"].default_cache_behavior[0].cache_policy_id == "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
    error_message = "Nothing is cached."
  }
  assert {
    condition     = toset(aws_cloudfront_distribution.this["this"].aliases) == toset(["api.example.com", "ws.example.com"])
    error_message = "It answers for both names."
  }
  assert {
    condition     = one(aws_cloudfront_distribution.this["this"].origin).domain_name == "origin.example.com" && one(aws_cloudfront_distribution.this["this"].origin).vpc_origin_config[0].origin_read_timeout == 60
    error_message = "The origin has a name of the certificate, and a minute to answer."
  }
  assert {
    condition     = aws_cloudfront_response_headers_policy.this["this"].security_headers_config[0].strict_transport_security[0].access_control_max_age_sec == 63072000
    error_message = "Browsers are told to come by HTTPS only."
  }
}

run "web_acl_counts_before_it_blocks" {
  command = plan

  module {
    source = "./modules/edge"
  }
  providers = {
    aws           = aws
    aws.us_east_1 = aws.us_east_1
  }

  assert {
    condition     = toset([for rule in aws_wafv2_web_acl.this["this"].rule : rule.name if length(rule.override_action) > 0 && length(try(rule.override_action[0].count, [])) > 0]) == toset(["AWSManagedRulesAnonymousIpList", "AWSManagedRulesCommonRuleSet", "AWSManagedRulesSQLiRuleSet"])
    error_message = "What prompts and clouds trip is counted only."
  }
  assert {
    condition     = aws_wafv2_web_acl.this["this"].scope == "CLOUDFRONT" && aws_cloudfront_distribution.this["this"].web_acl_id == aws_wafv2_web_acl.this["this"].arn
    error_message = "It stands before CloudFront."
  }
  assert {
    condition     = { for rule in aws_wafv2_web_acl.this["this"].rule : rule.name => rule.statement[0].rate_based_statement[0].limit if startswith(rule.name, "requests-") } == { requests-per-address = 1000, requests-per-api-key = 100 }
    error_message = "An address may send more than a user, who may send what the application allows."
  }
  assert {
    condition     = alltrue([for rule in aws_wafv2_web_acl.this["this"].rule : rule.statement[0].rate_based_statement[0].scope_down_statement[0].not_statement[0].statement[0].regex_match_statement[0].regex_string == "^(/ws|/health)" if startswith(rule.name, "requests-")])
    error_message = "Connections of agents and health checks are not counted."
  }
  assert {
    condition     = length(aws_wafv2_web_acl_logging_configuration.this["this"].redacted_fields) == 3
    error_message = "Its log shows no credentials."
  }
}

run "web_acl_blocks_when_told" {
  command = plan

  module {
    source = "./modules/edge"
  }
  providers = {
    aws           = aws
    aws.us_east_1 = aws.us_east_1
  }
  variables {
    edge = merge(var.edge, { waf = merge(var.edge.waf, { mode = "block" }) })
  }

  assert {
    condition     = [for rule in aws_wafv2_web_acl.this["this"].rule : rule.name if length(rule.override_action) > 0 && length(try(rule.override_action[0].count, [])) > 0] == ["AWSManagedRulesAnonymousIpList"]
    error_message = "Clouds are counted still: agents run there."
  }
}

run "paths_with_characters_of_a_regex_are_taken_as_they_are" {
  command = plan

  module {
    source = "./modules/edge"
  }
  providers = {
    aws           = aws
    aws.us_east_1 = aws.us_east_1
  }
  variables {
    services = merge(var.services, { websocket = { port = 8080, path = "/ws.v1+x", health_path = "/alive" } })
  }

  assert {
    condition     = strcontains(jsonencode(aws_wafv2_web_acl.this["this"].rule), jsonencode("^(/ws\\.v1\\+x|/health)"))
    error_message = "A dot in a path is a dot."
  }
}

run "names_are_certified_and_found" {
  command = plan

  module {
    source = "./modules/edge"
  }
  providers = {
    aws           = aws
    aws.us_east_1 = aws.us_east_1
  }

  assert {
    condition     = [for key, record in aws_route53_record.address : "${key} ${record.name}"] == ["api-A api.example.com", "api-AAAA api.example.com", "origin-A origin.example.com", "websocket-A ws.example.com", "websocket-AAAA ws.example.com"]
    error_message = "Both names lead to CloudFront by IPv4 and IPv6, its origin to the load balancer."
  }
  assert {
    condition     = aws_route53_record.address["origin-A"].alias[0].zone_id == "ZALB" && aws_route53_record.address["api-A"].alias[0].zone_id == "ZCLOUDFRONT"
    error_message = "Users come to CloudFront, CloudFront to the load balancer."
  }
  assert {
    condition     = keys(aws_route53_record.proof) == ["api", "origin", "websocket"] && length(aws_acm_certificate_validation.cdn) == 1
    error_message = "One set of records proves both certificates."
  }
  assert {
    condition     = one(output.name_servers) == "ns-1.example.org" && output.zone_id == "ZMADE"
    error_message = "A zone of its own says where to delegate to."
  }
}

run "what_exists_is_used" {
  command = plan

  module {
    source = "./modules/edge"
  }
  providers = {
    aws           = aws
    aws.us_east_1 = aws.us_east_1
  }
  variables {
    edge = merge(var.edge, { hosted_zone_id = "ZTHEIRS", certificate_arn = "arn:aws:acm:us-east-1:123456789012:certificate/1", cdn_certificate_arn = "arn:aws:acm:us-east-1:123456789012:certificate/2" })
  }

  assert {
    condition     = length(aws_route53_zone.this) == 0 && length(aws_acm_certificate.home) == 0 && length(aws_acm_certificate.cdn) == 0 && length(aws_route53_record.proof) == 0
    error_message = "Neither zone nor certificates are made."
  }
  assert {
    condition     = output.zone_id == "ZTHEIRS" && aws_lb_listener.https.certificate_arn == "arn:aws:acm:us-east-1:123456789012:certificate/1" && aws_cloudfront_distribution.this["this"].viewer_certificate[0].acm_certificate_arn == "arn:aws:acm:us-east-1:123456789012:certificate/2"
    error_message = "The given ones are used, each at its place."
  }
}

run "a_public_origin_takes_only_this_distribution" {
  command = plan

  module {
    source = "./modules/edge"
  }
  providers = {
    aws           = aws
    aws.us_east_1 = aws.us_east_1
  }
  variables {
    edge = merge(var.edge, { origin = "public_alb", origin_header_version = 3 })
  }

  assert {
    condition     = !aws_lb.this.internal && toset(aws_lb.this.subnets) == toset(["subnet-public-a", "subnet-public-b"]) && length(aws_cloudfront_vpc_origin.this) == 0
    error_message = "The load balancer is public."
  }
  assert {
    condition     = keys(terraform_data.origin_secret) == ["2", "3"]
    error_message = "The last value is taken, too, while CloudFront spreads the new one."
  }
  assert {
    condition     = alltrue([for rule in merge(aws_lb_listener_rule.color, aws_lb_listener_rule.users) : anytrue([for condition in rule.condition : try(condition.http_header[0].http_header_name, "") == "X-Origin-Secret"])])
    error_message = "Nothing is forwarded without the header."
  }
  assert {
    condition     = length(aws_vpc_security_group_ingress_rule.user) == 0 && length(aws_lb_listener.http) == 0
    error_message = "Only addresses of CloudFront get in."
  }
}

run "without_cloudfront_users_come_to_the_load_balancer" {
  command = plan

  module {
    source = "./modules/edge"
  }
  providers = {
    aws           = aws
    aws.us_east_1 = aws.us_east_1
  }
  variables {
    context = merge(var.context, { stage = "development" })
    edge    = merge(var.edge, { kind = "alb" })
  }

  assert {
    condition     = !aws_lb.this.internal && [for rule in aws_vpc_security_group_ingress_rule.user : rule.from_port] == [80, 443] && aws_lb_listener.http["this"].default_action[0].redirect[0].status_code == "HTTP_301"
    error_message = "It is public, and HTTP leads to HTTPS."
  }
  assert {
    condition     = length(aws_cloudfront_distribution.this) == 0 && length(aws_wafv2_web_acl.this) == 0 && length(aws_acm_certificate.cdn) == 0
    error_message = "Nothing of CloudFront is made."
  }
  assert {
    condition     = [for key, record in aws_route53_record.address : "${key} ${record.alias[0].name}"] == ["api-A alb.example.net", "websocket-A alb.example.net"] && keys(aws_route53_record.proof) == ["api", "websocket"]
    error_message = "Both names lead to the load balancer."
  }
}

run "long_names_are_shortened_and_stay_apart" {
  command = plan

  module {
    source = "./modules/edge"
  }
  providers = {
    aws           = aws
    aws.us_east_1 = aws.us_east_1
  }
  variables {
    context = merge(var.context, { name = "a-rather-long-application-production" })
  }

  assert {
    condition     = alltrue([for group in aws_lb_target_group.backend : length(group.name) <= 32]) && length(aws_lb.this.name) <= 32
    error_message = "AWS allows 32 characters."
  }
  assert {
    condition     = startswith(aws_lb.this.name, "a-rather-long-app-") && !strcontains(aws_lb.this.name, "--")
    error_message = "The name can be recognised."
  }
}

run "logs_are_kept_and_closed" {
  command = plan

  module {
    source = "./modules/edge"
  }
  providers = {
    aws           = aws
    aws.us_east_1 = aws.us_east_1
  }

  assert {
    condition     = one(aws_s3_bucket_lifecycle_configuration.logs.rule).expiration[0].days == 365 && !aws_s3_bucket.logs.force_destroy && aws_cloudwatch_log_group.waf["this"].retention_in_days == 365
    error_message = "A year of logs, and in production they outlive the environment."
  }
  assert {
    condition     = aws_s3_bucket_public_access_block.logs.restrict_public_buckets && strcontains(aws_s3_bucket_policy.logs.policy, "aws:SecureTransport")
    error_message = "Nobody else reads them."
  }
  assert {
    condition = one([
      for statement in jsondecode(aws_s3_bucket_policy.logs.policy).Statement :
      keys(statement.Condition.StringEquals) == ["aws:SourceAccount", "s3:x-amz-acl"] && endswith(statement.Condition.ArnLike["aws:SourceArn"], ":logs:us-east-1:123456789012:delivery-source*") if statement.Sid == "Cloudfront"
    ])
    error_message = "AWS appends to a policy that lacks any of these, and each plan would take it away again."
  }
}

run "unknown_kind_is_refused" {
  command = plan

  module {
    source = "./modules/edge"
  }
  providers = {
    aws           = aws
    aws.us_east_1 = aws.us_east_1
  }
  variables {
    context = merge(var.context, { stage = "development" })
    edge    = merge(var.edge, { kind = "nlb" })
  }

  expect_failures = [var.edge]
}

run "unknown_origin_is_refused" {
  command = plan

  module {
    source = "./modules/edge"
  }
  providers = {
    aws           = aws
    aws.us_east_1 = aws.us_east_1
  }
  variables {
    edge = merge(var.edge, { origin = "public" })
  }

  expect_failures = [var.edge]
}

run "certificate_of_cloudfront_elsewhere_is_refused" {
  command = plan

  module {
    source = "./modules/edge"
  }
  providers = {
    aws           = aws
    aws.us_east_1 = aws.us_east_1
  }
  variables {
    edge = merge(var.edge, { cdn_certificate_arn = "arn:aws:acm:eu-west-1:123456789012:certificate/1" })
  }

  expect_failures = [var.edge]
}

run "certificate_of_another_region_is_refused" {
  command = plan

  module {
    source = "./modules/edge"
  }
  providers = {
    aws           = aws
    aws.us_east_1 = aws.us_east_1
  }
  variables {
    edge = merge(var.edge, { certificate_arn = "arn:aws:acm:eu-west-1:123456789012:certificate/1" })
  }

  expect_failures = [var.edge]
}

run "health_check_longer_than_its_interval_is_refused" {
  command = plan

  module {
    source = "./modules/edge"
  }
  providers = {
    aws           = aws
    aws.us_east_1 = aws.us_east_1
  }
  variables {
    edge = merge(var.edge, { health = merge(var.edge.health, { timeout = 10 }) })
  }

  expect_failures = [var.edge]
}

run "origin_connection_that_outlives_the_load_balancers_is_refused" {
  command = plan

  module {
    source = "./modules/edge"
  }
  providers = {
    aws           = aws
    aws.us_east_1 = aws.us_east_1
  }
  variables {
    edge = merge(var.edge, { alb = merge(var.edge.alb, { client_keep_alive = 60 }) })
  }

  expect_failures = [var.edge]
}

run "unknown_waf_mode_is_refused" {
  command = plan

  module {
    source = "./modules/edge"
  }
  providers = {
    aws           = aws
    aws.us_east_1 = aws.us_east_1
  }
  variables {
    edge = merge(var.edge, { waf = merge(var.edge.waf, { mode = "off" }) })
  }

  expect_failures = [var.edge]
}

run "production_without_a_web_acl_is_refused" {
  command = plan

  module {
    source = "./modules/edge"
  }
  providers = {
    aws           = aws
    aws.us_east_1 = aws.us_east_1
  }
  variables {
    edge = merge(var.edge, { kind = "alb" })
  }

  expect_failures = [var.edge]
}

run "unprotected_production_is_refused" {
  command = plan

  module {
    source = "./modules/edge"
  }
  providers = {
    aws           = aws
    aws.us_east_1 = aws.us_east_1
  }
  variables {
    edge = merge(var.edge, { alb = merge(var.edge.alb, { deletion_protection = false }) })
  }

  expect_failures = [var.edge]
}

run "one_port_for_two_services_is_refused" {
  command = plan

  module {
    source = "./modules/edge"
  }
  providers = {
    aws           = aws
    aws.us_east_1 = aws.us_east_1
  }
  variables {
    services = merge(var.services, { websocket = { port = 8000, path = "/ws", health_path = "/alive" } })
  }

  expect_failures = [var.services]
}
