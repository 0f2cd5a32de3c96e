variable "context" {
  description = "What this environment is; the same object in every module."
  nullable    = false
  type = object({
    name                     = string
    application              = string
    environment              = string
    stage                    = string
    namespace                = string
    account_id               = string
    region                   = string
    dr_region                = string
    permissions_boundary_arn = string
    tags                     = map(string)
  })
}

variable "cost" {
  description = "What the environment may cost, and who is told before it does."
  nullable    = false
  type = object({
    monthly_budget_usd = number # null: no budget
    alert_percentages  = list(number)
    alert_emails       = list(string)
    anomaly_usd        = number # null: nobody looks for unusual spending
    activate_tags      = bool
  })

  validation {
    condition     = length(var.cost.alert_percentages) <= 4
    error_message = "cost.alert_percentages: a budget has five notifications, of which one is the forecast; got ${length(var.cost.alert_percentages)}."
  }

  validation {
    condition     = length(var.cost.alert_emails) <= 10
    error_message = "cost.alert_emails: AWS Budgets writes to ten at most, got ${length(var.cost.alert_emails)}."
  }
}

variable "topic_arn" {
  description = "SNS topic of tickets; its policy has to let AWS Budgets and Cost Anomaly Detection publish."
  type        = string
  nullable    = false
}
