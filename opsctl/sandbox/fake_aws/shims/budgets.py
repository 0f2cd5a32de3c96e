"""Budgets: who is told, tags and changes, none of which moto gives back."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from opsctl.sandbox.fake_aws.shims.hooks import operation

Item = dict[str, Any]


def install() -> None:
    from moto.budgets.responses import BudgetsResponse

    operation(BudgetsResponse, "describe_subscribers_for_notification", _subscribers)
    operation(BudgetsResponse, "update_budget", _update)
    operation(BudgetsResponse, "list_tags_for_resource", lambda r, q: {"ResourceTags": _tags(r, q["ResourceARN"])})
    operation(BudgetsResponse, "tag_resource", _tag)
    operation(BudgetsResponse, "untag_resource", _untag)
    _remember_tags(BudgetsResponse)


def _budget(response: Any, request: Item) -> Any:
    response.backend.describe_budget(request["AccountId"], request["BudgetName"])  # raises where there is none
    return response.backend.budgets[request["AccountId"]][request["BudgetName"]]


def _subscribers(response: Any, request: Item) -> Item:
    told = [n for n in _budget(response, request).notifications if _same(n.details, request["Notification"])]
    return {"Subscribers": [subscriber for notification in told for subscriber in notification.subscribers]}


def _same(one: Item, other: Item) -> bool:
    members = ("NotificationType", "ComparisonOperator", "ThresholdType")
    return float(one["Threshold"]) == float(other["Threshold"]) and all(one[m] == other[m] for m in members)


def _update(response: Any, request: Item) -> Item:
    new = request["NewBudget"]
    period = {name: _seconds(at) for name, at in new.get("TimePeriod", {}).items()}
    told = new | {"TimePeriod": period} if period else new
    _budget(response, request | {"BudgetName": new["BudgetName"]}).budget.update(told)
    return {}


def _seconds(at: Any) -> Any:
    """Since the epoch, as moto answers with a budget's times as they came, and JSON has none."""
    return at.timestamp() if isinstance(at, datetime) else at


def _tags(response: Any, arn: str) -> list[Item]:
    """On moto's backend, by the budget's ARN."""
    tags: list[Item] = vars(response.backend).setdefault("_tags", {}).setdefault(arn, [])
    return tags


def _tag(response: Any, request: Item) -> Item:
    _untag(
        response,
        {"ResourceARN": request["ResourceARN"], "ResourceTagKeys": [t["Key"] for t in request["ResourceTags"]]},
    )
    _tags(response, request["ResourceARN"]).extend(request["ResourceTags"])
    return {}


def _untag(response: Any, request: Item) -> Item:
    tags = _tags(response, request["ResourceARN"])
    tags[:] = [tag for tag in tags if tag["Key"] not in request["ResourceTagKeys"]]
    return {}


def _remember_tags(responses: Any) -> None:
    create = responses.create_budget

    def create_budget(response: Any) -> Any:
        answer = create(response)
        account, budget = response._get_param("AccountId"), response._get_param("Budget")
        arn = f"arn:{response.partition}:budgets::{account}:budget/{budget['BudgetName']}"
        _tags(response, arn).extend(response._get_param("ResourceTags", []))
        return answer

    responses.create_budget = create_budget
