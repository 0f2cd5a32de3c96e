"""Questions about what watches (alarms, metrics, costs), asked of stock moto and of ours; see `moto_probes`."""

from __future__ import annotations

import itertools
from collections.abc import Callable

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


PROBES: list[Callable[[Client], bool]] = [
    probe for name, probe in list(globals().items()) if name.startswith(("amp_", "cloudwatch_"))
]
