"""Cost management and budgeting."""

from __future__ import annotations

from opsctl.core.questions.question import Answer, category
from opsctl.core.questions.sources import AWS, OURS

_FINANCE = "whoever pays for it"

COST = category(
    6,
    "Cost management and budgeting",
    {
        "How much may it cost a month, and who hears when it is near?": (
            Answer(
                "cost.monthly_budget_usd", blocks="budgets, and the gate before a plan that is too dear", who=_FINANCE
            ),
            Answer("cost.alert_percentages", "of the budget", OURS),
            Answer("cost.anomaly_usd", "more than usual", OURS),
        ),
        "By which tags is it told whose cost something is?": (
            Answer("cost.owner", blocks="telling who answers for it", who=_FINANCE),
            Answer("cost.cost_center", blocks="telling who pays for it", who=_FINANCE),
            Answer("aws.tags", "none beside application, environment and managed-by", OURS),
        ),
        "Within which limits may it grow and shrink?": (
            Answer("cluster.nodes.instance_types", "Graviton costs a fifth less", AWS),
            Answer("cluster.nodes.min", "the least that stays", OURS),
            Answer("cluster.nodes.max", "both colors at full size", OURS),
            Answer("cluster.autoscaling", "nodes come and go with pods", AWS),
            Answer("database.max_storage_gb", "grows to this", OURS),
        ),
        "Which savings are meant?": (
            Answer("cost.savings_percent", "of the nodes that always run; advice, nothing is bought", AWS),
        ),
    },
)
