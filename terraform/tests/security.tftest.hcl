# Rules of modules/security, on a mocked provider: it proves our logic, not that AWS accepts the values.

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
  mock_resource "aws_iam_service_linked_role" {
    defaults = { arn = "arn:aws:iam::123456789012:role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig" }
  }
  mock_resource "aws_kms_key" {
    defaults = { arn = "arn:aws:kms:us-east-1:123456789012:key/mock" }
  }
  mock_resource "aws_sns_topic" {
    defaults = { arn = "arn:aws:sns:us-east-1:123456789012:mock" }
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
  security = {
    compliance         = ["soc2"]
    account_baseline   = true
    services           = ["access_analyzer", "cloudtrail", "config", "ebs_encryption", "guardduty", "inspector", "password_policy", "public_access_block", "security_hub"]
    audit_log_days     = 365
    audit_archive_days = 2557
    object_lock_days   = 365
    alert_severity     = "high"
  }
  break_glass_role_arns = ["arn:aws:iam::123456789012:role/emergency/breakglass"]
  state                 = { bucket = "agent-tfstate", key = "prod/terraform.tfstate" }
  topic_arns            = { alerts = "arn:aws:sns:us-east-1:123456789012:alerts" }
}

run "the_trail_is_whole" {
  command = plan

  module {
    source = "./modules/security"
  }

  assert {
    condition     = aws_cloudtrail.this["cloudtrail"].is_multi_region_trail && aws_cloudtrail.this["cloudtrail"].enable_log_file_validation && aws_cloudtrail.this["cloudtrail"].kms_key_id == aws_kms_key.audit["audit"].arn
    error_message = "All regions, a chain of digests, a key of its own."
  }
  assert {
    condition = contains(flatten([
      for selector in aws_cloudtrail.this["cloudtrail"].advanced_event_selector : [for field in selector.field_selector : coalesce(field.starts_with, [])]
    ]), "arn:aws:s3:::agent-tfstate/")
    error_message = "Each access to Terraform's state is recorded."
  }
}

run "evidence_is_kept_and_closed" {
  command = plan

  module {
    source = "./modules/security"
  }

  assert {
    condition     = aws_s3_bucket_versioning.audit["audit"].versioning_configuration[0].status == "Enabled" && aws_s3_bucket_object_lock_configuration.audit["audit"].rule[0].default_retention[0].mode == "GOVERNANCE"
    error_message = "Nothing is overwritten, and a lock can be shortened where the law demands it."
  }
  assert {
    condition     = aws_s3_bucket_lifecycle_configuration.audit["audit"].rule[0].expiration[0].days == 2557 && one(aws_s3_bucket_lifecycle_configuration.audit["audit"].rule[0].transition).days == 365
    error_message = "A year at hand, seven in all."
  }
  assert {
    condition     = aws_s3_bucket_public_access_block.audit["audit"].restrict_public_buckets && contains([for statement in jsondecode(aws_s3_bucket_policy.audit["audit"].policy).Statement : statement.Sid if statement.Effect == "Deny"], "TlsOnly")
    error_message = "Nobody outside, and TLS only."
  }
  assert {
    condition     = alltrue([for statement in jsondecode(aws_s3_bucket_policy.audit["audit"].policy).Statement : can(statement.Condition)])
    error_message = "A service writes for this account only."
  }
  assert {
    condition     = aws_config_delivery_channel.this["config"].s3_bucket_name == aws_s3_bucket.audit["config"].bucket && !aws_s3_bucket.audit["config"].object_lock_enabled && keys(aws_s3_bucket_object_lock_configuration.audit) == ["audit"]
    error_message = "AWS Config delivers to no bucket that locks by default."
  }
  assert {
    condition     = aws_cloudtrail.this["cloudtrail"].s3_bucket_name == aws_s3_bucket.audit["audit"].bucket && alltrue([for statement in jsondecode(aws_s3_bucket_policy.audit["audit"].policy).Statement : statement.Condition.StringEquals["aws:SourceArn"] == "arn:aws:cloudtrail:us-east-1:123456789012:trail/agent-prod" if statement.Effect == "Allow"])
    error_message = "The trail alone writes into its bucket."
  }
}

run "emergencies_are_noticed" {
  command = plan

  module {
    source = "./modules/security"
  }

  assert {
    condition     = keys(aws_cloudwatch_metric_alarm.use) == ["break-glass-breakglass", "root"] && alltrue([for alarm in aws_cloudwatch_metric_alarm.use : alarm.alarm_actions == toset(values(var.topic_arns))])
    error_message = "Use of root and of each break-glass role raises an alarm."
  }
}

run "findings_are_told_once" {
  command = plan

  module {
    source = "./modules/security"
  }

  assert {
    condition     = keys(aws_cloudwatch_event_rule.finding) == ["findings"] && jsondecode(aws_cloudwatch_event_rule.finding["findings"].event_pattern).detail.findings.Severity.Label == ["HIGH", "CRITICAL"]
    error_message = "Security Hub hears from the others; both would tell everything twice."
  }
  assert {
    condition     = aws_cloudwatch_event_target.finding["findings-alerts"].arn == var.topic_arns.alerts
    error_message = "The topic is told."
  }
}

run "without_a_hub_threats_are_told" {
  command = plan

  module {
    source = "./modules/security"
  }
  variables {
    security = merge(var.security, { services = ["guardduty"], alert_severity = "medium" })
  }

  assert {
    condition     = jsondecode(aws_cloudwatch_event_rule.finding["threats"].event_pattern).detail.severity == [{ numeric = [">=", 4] }]
    error_message = "GuardDuty tells for itself."
  }
  assert {
    condition     = length(aws_s3_bucket.audit) + length(aws_kms_key.audit) + length(aws_config_config_rule.this) + length(aws_cloudwatch_log_metric_filter.use) == 0
    error_message = "Nothing is kept for services that are off."
  }
}

run "the_account_is_watched" {
  command = plan

  module {
    source = "./modules/security"
  }

  assert {
    condition     = toset(keys(aws_guardduty_detector_feature.this)) == toset(["EBS_MALWARE_PROTECTION", "EKS_AUDIT_LOGS", "RDS_LOGIN_EVENTS", "S3_DATA_EVENTS"]) && aws_guardduty_detector_feature.runtime["guardduty"].status == "ENABLED"
    error_message = "GuardDuty looks at storage, cluster, database and nodes."
  }
  assert {
    condition     = keys(aws_securityhub_standards_subscription.this) == ["best-practices", "cis"]
    error_message = "Two standards, by name."
  }
  assert {
    condition     = aws_inspector2_enabler.this["inspector"].resource_types == toset(["EC2", "ECR"]) && aws_accessanalyzer_analyzer.this["access_analyzer"].type == "ACCOUNT"
    error_message = "Instances and images, and what is open to other accounts."
  }
  assert {
    condition     = jsondecode(aws_config_config_rule.this["required-tags"].input_parameters) == { tag1Key = "application", tag2Key = "environment", tag3Key = "managed-by" }
    error_message = "Whatever is not tagged is found."
  }
  assert {
    condition     = aws_iam_account_password_policy.this["password_policy"].minimum_password_length == 14 && aws_s3_account_public_access_block.this["public_access_block"].block_public_policy && aws_ebs_encryption_by_default.this["ebs_encryption"].enabled
    error_message = "Account-level blocks are on."
  }
}

run "an_account_that_is_looked_after_gets_nothing" {
  command = plan

  module {
    source = "./modules/security"
  }
  variables {
    security = merge(var.security, { account_baseline = false })
  }

  assert {
    condition     = output.audit_bucket == null && output.trail_arn == null && output.detector_id == null
    error_message = "Only one environment an account makes the baseline."
  }
  assert {
    condition     = length(aws_iam_account_password_policy.this) + length(aws_securityhub_account.this) + length(aws_cloudwatch_event_rule.finding) == 0
    error_message = "Neither blocks nor findings."
  }
}

run "an_audit_without_a_lock" {
  command = plan

  module {
    source = "./modules/security"
  }
  variables {
    security = merge(var.security, { object_lock_days = 0 })
  }

  assert {
    condition     = length(aws_s3_bucket_object_lock_configuration.audit) == 0 && aws_s3_bucket.audit["audit"].object_lock_enabled
    error_message = "It can be locked later."
  }
}

run "unknown_law_is_refused" {
  command = plan

  module {
    source = "./modules/security"
  }
  variables {
    security = merge(var.security, { compliance = ["pci"] })
  }

  expect_failures = [var.security]
}

run "unknown_service_is_refused" {
  command = plan

  module {
    source = "./modules/security"
  }
  variables {
    security = merge(var.security, { services = ["macie"] })
  }

  expect_failures = [var.security]
}

run "unknown_severity_is_refused" {
  command = plan

  module {
    source = "./modules/security"
  }
  variables {
    security = merge(var.security, { alert_severity = "low" })
  }

  expect_failures = [var.security]
}

run "archive_before_its_time_is_refused" {
  command = plan

  module {
    source = "./modules/security"
  }
  variables {
    security = merge(var.security, { audit_archive_days = 365 })
  }

  expect_failures = [var.security]
}

run "lock_beyond_the_archive_is_refused" {
  command = plan

  module {
    source = "./modules/security"
  }
  variables {
    security = merge(var.security, { object_lock_days = 2558 })
  }

  expect_failures = [var.security]
}

run "copies_out_of_the_eu_are_refused" {
  command = plan

  module {
    source = "./modules/security"
  }
  variables {
    context  = merge(var.context, { region = "eu-central-1" })
    security = merge(var.security, { compliance = ["gdpr"] })
  }

  expect_failures = [var.security]
}
