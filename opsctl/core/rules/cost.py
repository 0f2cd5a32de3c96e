"""Is somebody told of spending before it is done, and few enough for AWS?"""

from __future__ import annotations

from opsctl.core.environment import Environment
from opsctl.core.rules.rule import Messages, rule

_MOST_EMAILS = 10  # of one notification of AWS Budgets
_MOST_SHARES = 4  # a budget has five notifications, and one is of the forecast


@rule("cost.alert_percentages")
def shares_ascend(e: Environment) -> Messages:
    shares = e.cost.alert_percentages
    if shares != sorted(set(shares)):
        yield f"{', '.join(map(str, shares))}: not ascending, each once"
    elif len(shares) > _MOST_SHARES:
        yield f"{len(shares)} are more than the {_MOST_SHARES} that AWS Budgets has beside the forecast"


@rule("cost.alert_emails")
def emails_are_few(e: Environment) -> Messages:
    if len(e.cost.alert_emails) > _MOST_EMAILS:
        yield f"{len(e.cost.alert_emails)} are more than the {_MOST_EMAILS} that AWS Budgets writes to"


@rule("cost.alert_emails", "cost.monthly_budget_usd")
def emails_have_a_budget(e: Environment) -> Messages:
    if e.cost.alert_emails and e.cost.monthly_budget_usd is None:
        yield "nothing to tell: monthly_budget_usd is open"
