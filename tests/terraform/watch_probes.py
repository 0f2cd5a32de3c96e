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


PROBES: list[Callable[[Client], bool]] = [
    probe for name, probe in list(globals().items()) if name.startswith("cloudwatch_")
]
