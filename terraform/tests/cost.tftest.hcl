# Rules of modules/cost, on a mocked provider.

mock_provider "aws" {
  override_during = plan
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
  cost = {
    monthly_budget_usd = 2000
    alert_percentages  = [50, 80, 100]
    alert_emails       = ["finance@example.com"]
    anomaly_usd        = 100
    activate_tags      = true
  }
  topic_arn = "arn:aws:sns:us-east-1:123456789012:agent-prod-ticket"
}

run "spending_is_told_before_it_is_done" {
  command = plan

  module {
    source = "./modules/cost"
  }

  assert {
    condition     = toset([for one in aws_budgets_budget.this["this"].notification : "${one.notification_type} ${one.threshold}"]) == toset(["ACTUAL 50", "ACTUAL 80", "ACTUAL 100", "FORECASTED 100"])
    error_message = "Half, four fifths, all of it, and a forecast of all."
  }
  assert {
    condition     = alltrue([for one in aws_budgets_budget.this["this"].notification : one.subscriber_sns_topic_arns == toset([var.topic_arn]) && one.subscriber_email_addresses == toset(["finance@example.com"])])
    error_message = "Each reaches those who get tickets, and those who asked."
  }
  assert {
    condition     = one(aws_budgets_budget.this["this"].cost_filter).values == tolist(["user:environment$prod"]) && aws_budgets_budget.this["this"].limit_amount == "2000"
    error_message = "Only what is tagged with the environment counts."
  }
}

run "unusual_spending_makes_a_ticket" {
  command = plan

  module {
    source = "./modules/cost"
  }

  assert {
    condition     = jsondecode(aws_ce_anomaly_monitor.this["this"].monitor_specification).Tags.Values == ["prod"] && one(aws_ce_anomaly_subscription.this["this"].subscriber).address == var.topic_arn
    error_message = "Of this environment, to the ticket topic."
  }
  assert {
    condition     = keys(aws_ce_cost_allocation_tag.this) == ["application", "cost-center", "environment", "owner"]
    error_message = "Tags that costs are told apart by are activated where that was asked for."
  }
}

run "open_questions_make_nothing" {
  command = plan

  module {
    source = "./modules/cost"
  }
  variables {
    cost = { monthly_budget_usd = null, alert_percentages = [50, 80, 100], alert_emails = [], anomaly_usd = null, activate_tags = false }
  }

  assert {
    condition     = length(aws_budgets_budget.this) + length(aws_ce_anomaly_monitor.this) + length(aws_ce_anomaly_subscription.this) + length(aws_ce_cost_allocation_tag.this) == 0
    error_message = "Nobody's budget is nobody's limit."
  }
}

run "more_shares_than_a_budget_has_are_refused" {
  command = plan

  module {
    source = "./modules/cost"
  }
  variables {
    cost = merge(var.cost, { alert_percentages = [10, 20, 50, 80, 100] })
  }

  expect_failures = [var.cost]
}

run "more_addresses_than_a_budget_has_are_refused" {
  command = plan

  module {
    source = "./modules/cost"
  }
  variables {
    cost = merge(var.cost, { alert_emails = [for n in range(11) : "${n}@example.com"] })
  }

  expect_failures = [var.cost]
}
