locals {
  _budgets  = toset(var.cost.monthly_budget_usd == null ? [] : ["this"])
  _monitors = toset(var.cost.anomaly_usd == null ? [] : ["this"])

  _notifications = concat(
    [for share in var.cost.alert_percentages : { share = share, kind = "ACTUAL" }],
    [{ share = 100, kind = "FORECASTED" }],
  )
}

# Costs are told apart by a tag, which counts from the day on which it was activated.
resource "aws_budgets_budget" "this" {
  for_each = local._budgets

  name         = var.context.name
  budget_type  = "COST"
  limit_amount = tostring(var.cost.monthly_budget_usd)
  limit_unit   = "USD"
  time_unit    = "MONTHLY"

  cost_filter {
    name   = "TagKeyValue"
    values = [format("user:environment$%s", var.context.environment)]
  }

  dynamic "notification" {
    for_each = local._notifications

    content {
      comparison_operator        = "GREATER_THAN"
      notification_type          = notification.value.kind
      threshold                  = notification.value.share
      threshold_type             = "PERCENTAGE"
      subscriber_email_addresses = var.cost.alert_emails
      subscriber_sns_topic_arns  = [var.topic_arn]
    }
  }
}

resource "aws_ce_anomaly_monitor" "this" {
  for_each = local._monitors

  name         = var.context.name
  monitor_type = "CUSTOM"
  monitor_specification = jsonencode({
    And            = null
    CostCategories = null
    Dimensions     = null
    Not            = null
    Or             = null
    Tags           = { Key = "environment", MatchOptions = null, Values = [var.context.environment] }
  })
}

resource "aws_ce_anomaly_subscription" "this" {
  for_each = local._monitors

  name             = var.context.name
  frequency        = "IMMEDIATE" # which reaches topics only
  monitor_arn_list = [aws_ce_anomaly_monitor.this[each.key].arn]

  subscriber {
    type    = "SNS"
    address = var.topic_arn
  }

  threshold_expression {
    dimension {
      key           = "ANOMALY_TOTAL_IMPACT_ABSOLUTE"
      match_options = ["GREATER_THAN_OR_EQUAL"]
      values        = [tostring(var.cost.anomaly_usd)]
    }
  }
}

resource "aws_ce_cost_allocation_tag" "this" {
  for_each = toset(var.cost.activate_tags ? ["application", "cost-center", "environment", "owner"] : [])

  tag_key = each.key
  status  = "Active"
}
