output "budget_name" {
  description = "Name of the budget; null where there is none."
  value       = one([for budget in aws_budgets_budget.this : budget.name])
}
