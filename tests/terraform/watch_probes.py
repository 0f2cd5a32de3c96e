"""Questions about what watches (alarms, metrics, costs), asked of stock moto and of ours; see `moto_probes`."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import UTC, datetime

from moto_probes import Client

_numbers = itertools.count()


def _fresh(prefix: str) -> str:
    return f"{prefix}-watch-{next(_numbers)}"


def cloudwatch_has_composite_alarms(client: Client) -> bool:
    name = _fresh("alarm")
    client("cloudwatch").put_composite_alarm(AlarmName=name, AlarmRule='ALARM("other")')
    found = client("cloudwatch").describe_alarms(AlarmNames=[name], AlarmTypes=["CompositeAlarm"])["CompositeAlarms"]
    return [alarm["AlarmRule"] for alarm in found] == ['ALARM("other")']


def amp_workspace_remembers_its_key(client: Client) -> bool:
    key = "arn:aws:kms:us-east-1:123456789012:key/probe"
    made = client("amp").create_workspace(alias=_fresh("workspace"), kmsKeyArn=key)["workspaceId"]
    return bool(client("amp").describe_workspace(workspaceId=made)["workspace"].get("kmsKeyArn") == key)


def amp_has_alert_managers(client: Client) -> bool:
    amp = client("amp")
    names = {"workspaceId": amp.create_workspace(alias=_fresh("workspace"))["workspaceId"]}
    amp.create_alert_manager_definition(**names, data=b"first")
    amp.put_alert_manager_definition(**names, data=b"second")
    found = amp.describe_alert_manager_definition(**names)["alertManagerDefinition"]
    amp.delete_alert_manager_definition(**names)
    try:
        amp.describe_alert_manager_definition(**names)
    except amp.exceptions.ResourceNotFoundException:
        return bool(found["data"] == b"second" and found["status"]["statusCode"] == "ACTIVE")
    return False


def budgets_know_who_is_told_and_their_tags(client: Client) -> bool:
    account, name = "123456789012", _fresh("budget")
    limit = {"Amount": "9", "Unit": "USD"}
    budget = {"BudgetName": name, "BudgetLimit": limit, "BudgetType": "COST", "TimeUnit": "MONTHLY"}
    share = {"NotificationType": "ACTUAL", "ComparisonOperator": "GREATER_THAN", "Threshold": 80.0}
    told = {"SubscriptionType": "EMAIL", "Address": "finance@example.com"}
    client("budgets").create_budget(
        AccountId=account,
        Budget=budget,
        NotificationsWithSubscribers=[
            {"Notification": share | {"ThresholdType": "PERCENTAGE"}, "Subscribers": [told]},
        ],
        ResourceTags=[{"Key": "owner", "Value": "probe"}],
    )
    found = client("budgets").describe_subscribers_for_notification(
        AccountId=account, BudgetName=name, Notification=share | {"ThresholdType": "PERCENTAGE"}
    )
    arn = f"arn:aws:budgets::{account}:budget/{name}"
    tags = client("budgets").list_tags_for_resource(ResourceARN=arn)["ResourceTags"]
    return found["Subscribers"] == [told] and tags == [{"Key": "owner", "Value": "probe"}]


def budgets_change(client: Client) -> bool:
    account, name = "123456789012", _fresh("budget")
    period = {"Start": datetime(2026, 1, 1, tzinfo=UTC), "End": datetime(2087, 6, 15, tzinfo=UTC)}
    budget = {"BudgetName": name, "BudgetType": "COST", "TimeUnit": "MONTHLY", "TimePeriod": period}
    for amount in ("9", "10"):
        make = client("budgets").create_budget if amount == "9" else client("budgets").update_budget
        member = "Budget" if amount == "9" else "NewBudget"
        make(AccountId=account, **{member: budget | {"BudgetLimit": {"Amount": amount, "Unit": "USD"}}})
    found = client("budgets").describe_budget(AccountId=account, BudgetName=name)["Budget"]
    return bool(found["BudgetLimit"]["Amount"] == "10")


def ce_has_anomaly_monitors(client: Client) -> bool:
    ce, name = client("ce"), _fresh("monitor")
    tags = {"Tags": {"Key": "environment", "Values": ["probe"]}}
    monitor = {"MonitorName": name, "MonitorType": "CUSTOM", "MonitorSpecification": tags}
    arn = ce.create_anomaly_monitor(AnomalyMonitor=monitor)["MonitorArn"]
    [found] = ce.get_anomaly_monitors(MonitorArnList=[arn])["AnomalyMonitors"]
    ce.delete_anomaly_monitor(MonitorArn=arn)
    return (
        found["MonitorSpecification"] == tags and ce.get_anomaly_monitors(MonitorArnList=[arn])["AnomalyMonitors"] == []
    )


PROBES: list[Callable[[Client], bool]] = [
    probe for name, probe in list(globals().items()) if name.startswith(("amp_", "budgets_", "ce_", "cloudwatch_"))
]
