locals {
  _rank = { medium = 4, high = 7, critical = 9 } # where GuardDuty's severities begin

  _labels = { medium = ["MEDIUM", "HIGH", "CRITICAL"], high = ["HIGH", "CRITICAL"], critical = ["CRITICAL"] }

  _hub_findings = {
    source      = ["aws.securityhub"]
    detail-type = ["Security Hub Findings - Imported"]
    detail = { findings = {
      Severity    = { Label = local._labels[var.security.alert_severity] }
      RecordState = ["ACTIVE"]
      Workflow    = { Status = ["NEW"] }
      Compliance  = { Status = [{ "anything-but" = ["PASSED"] }, { exists = false }] }
    } }
  }
  _guard_findings = {
    source      = ["aws.guardduty"]
    detail-type = ["GuardDuty Finding"]
    detail      = { severity = [{ numeric = [">=", local._rank[var.security.alert_severity]] }] }
  }

  # Security Hub hears of what GuardDuty, Inspector and Access Analyzer find; both would tell everything twice.
  _findings = merge(
    { for name in local._hub : "findings" => local._hub_findings },
    { for name in local._guard : "threats" => local._guard_findings if length(local._hub) == 0 },
  )
  _told = { for pair in setproduct(keys(local._findings), keys(var.topic_arns)) : join("-", pair) => { rule = pair[0], topic = pair[1] } }
}

resource "aws_cloudwatch_event_rule" "finding" {
  for_each = local._findings

  name          = "${local.name}-${each.key}"
  description   = "Findings of ${var.security.alert_severity} severity and above"
  event_pattern = jsonencode(each.value)
}

resource "aws_cloudwatch_event_target" "finding" {
  for_each = local._told

  rule      = aws_cloudwatch_event_rule.finding[each.value.rule].name
  target_id = each.value.topic
  arn       = var.topic_arns[each.value.topic]
}
