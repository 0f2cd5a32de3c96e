locals {
  _guard = setintersection(local._services, ["guardduty"])
  _hub   = setintersection(local._services, ["security_hub"])

  # RUNTIME_MONITORING is apart, as it manages agents. Lambda is not here: this stack has no functions.
  _features = ["EBS_MALWARE_PROTECTION", "EKS_AUDIT_LOGS", "RDS_LOGIN_EVENTS", "S3_DATA_EVENTS"]

  _standards = {
    best-practices = "arn:${local.partition}:securityhub:${var.context.region}::standards/aws-foundational-security-best-practices/v/1.0.0"
    cis            = "arn:${local.partition}:securityhub:${var.context.region}::standards/cis-aws-foundations-benchmark/v/3.0.0"
  }
}

resource "aws_guardduty_detector" "this" {
  for_each = local._guard

  enable                       = true
  finding_publishing_frequency = "FIFTEEN_MINUTES"
}

resource "aws_guardduty_detector_feature" "this" {
  for_each = length(local._guard) == 0 ? toset([]) : toset(local._features)

  detector_id = aws_guardduty_detector.this["guardduty"].id
  name        = each.key
  status      = "ENABLED"
}

resource "aws_guardduty_detector_feature" "runtime" {
  for_each = local._guard

  detector_id = aws_guardduty_detector.this[each.key].id
  name        = "RUNTIME_MONITORING"
  status      = "ENABLED"

  # All three, in the order in which AWS lists them: it answers with all, and would differ from fewer.
  additional_configuration {
    name   = "EKS_ADDON_MANAGEMENT"
    status = "ENABLED"
  }
  additional_configuration {
    name   = "ECS_FARGATE_AGENT_MANAGEMENT"
    status = "DISABLED"
  }
  additional_configuration {
    name   = "EC2_AGENT_MANAGEMENT"
    status = "DISABLED" # nodes get theirs from EKS
  }
}

resource "aws_securityhub_account" "this" {
  for_each = local._hub

  enable_default_standards  = false # named below, so that a new default changes nothing here
  auto_enable_controls      = true
  control_finding_generator = "SECURITY_CONTROL"
}

resource "aws_securityhub_standards_subscription" "this" {
  for_each = length(local._hub) == 0 ? {} : local._standards

  standards_arn = each.value

  depends_on = [aws_securityhub_account.this]
}

resource "aws_inspector2_enabler" "this" {
  for_each = setintersection(local._services, ["inspector"])

  account_ids    = [local.account]
  resource_types = ["EC2", "ECR"]
}

resource "aws_accessanalyzer_analyzer" "this" {
  for_each = setintersection(local._services, ["access_analyzer"])

  analyzer_name = local.name
  type          = "ACCOUNT"
}
