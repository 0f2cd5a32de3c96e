locals {
  _groups = {
    AWSManagedRulesAmazonIpReputationList = { priority = 10, counts = false }
    AWSManagedRulesAnonymousIpList        = { priority = 20, counts = true } # agents run in clouds
    AWSManagedRulesKnownBadInputsRuleSet  = { priority = 30, counts = false }
    # Prompts look like attacks on web pages and databases.
    AWSManagedRulesCommonRuleSet = { priority = 40, counts = var.edge.waf.mode == "count" }
    AWSManagedRulesSQLiRuleSet   = { priority = 50, counts = var.edge.waf.mode == "count" }
  }
  _limits = {
    requests-per-address = { priority = 60, limit = var.edge.waf.requests_per_minute_per_ip, key = "IP", headers = [] }
    requests-per-api-key = { priority = 61, limit = var.services.rate_limit_per_minute, key = "CUSTOM_KEYS", headers = [var.edge.waf.api_key_header] }
  }

  # Agents keep their connections, and health checks are ours: neither counts. Paths may hold characters of a regex.
  _uncounted = "^(${join("|", [
    for path in [var.services.websocket.path, var.services.api.health_path] : replace(path, "/[.+*?()^$|\\[\\]{}]/", "\\$0")
  ])})"
}

resource "aws_wafv2_web_acl" "this" {
  for_each = local.cdn
  provider = aws.us_east_1

  name        = local.name
  description = "What may reach ${local.name}"
  scope       = "CLOUDFRONT"

  default_action {
    allow {}
  }

  dynamic "rule" {
    for_each = { for name, group in local._groups : name => group.priority if !group.counts }

    content {
      name     = rule.key
      priority = rule.value

      override_action {
        none {}
      }
      statement {
        managed_rule_group_statement {
          name        = rule.key
          vendor_name = "AWS"
        }
      }
      visibility_config {
        cloudwatch_metrics_enabled = true
        metric_name                = rule.key
        sampled_requests_enabled   = true
      }
    }
  }

  dynamic "rule" {
    for_each = { for name, group in local._groups : name => group.priority if group.counts }

    content {
      name     = rule.key
      priority = rule.value

      override_action {
        count {}
      }
      statement {
        managed_rule_group_statement {
          name        = rule.key
          vendor_name = "AWS"
        }
      }
      visibility_config {
        cloudwatch_metrics_enabled = true
        metric_name                = rule.key
        sampled_requests_enabled   = true
      }
    }
  }

  dynamic "rule" {
    for_each = local._limits

    content {
      name     = rule.key
      priority = rule.value.priority

      action {
        block {
          custom_response {
            response_code = 429
          }
        }
      }
      statement {
        rate_based_statement {
          aggregate_key_type    = rule.value.key
          evaluation_window_sec = 60
          limit                 = rule.value.limit

          dynamic "custom_key" { # requests without the header are not counted
            for_each = rule.value.headers

            content {
              header {
                name = custom_key.value

                text_transformation {
                  priority = 0
                  type     = "NONE"
                }
              }
            }
          }
          scope_down_statement {
            not_statement {
              statement {
                regex_match_statement {
                  regex_string = local._uncounted

                  field_to_match {
                    uri_path {}
                  }
                  text_transformation {
                    priority = 0
                    type     = "NONE"
                  }
                }
              }
            }
          }
        }
      }
      visibility_config {
        cloudwatch_metrics_enabled = true
        metric_name                = rule.key
        sampled_requests_enabled   = true
      }
    }
  }

  visibility_config {
    cloudwatch_metrics_enabled = true
    metric_name                = local.name
    sampled_requests_enabled   = true
  }
}
