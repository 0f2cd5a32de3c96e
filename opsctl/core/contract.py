"""What a color's pods offer, as it is written on its Deployment.

The environment file tells what the next release offers; a color goes on offering what it was released with, and
has to be judged by that, or a changed path would make the old color look broken and spoil the way back.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any

from opsctl.core.environment import Api, Metrics, Services, Websocket


def record_of(services: Services) -> dict[str, Any]:
    """Plain data: `{api: {port, …}, websocket: {…}, metrics: {…}}`."""
    return asdict(services)


def contract_text(services: Services) -> str:
    """As JSON; the same for the same services, so that it can be compared."""
    return json.dumps(record_of(services), sort_keys=True)


def read_contract(text: str) -> Services | None:
    """None where nothing readable is there: a release of before this was recorded, or one edited by hand."""
    try:
        record = json.loads(text)
        return Services(
            api=_read(Api, record["api"]),
            websocket=_read(Websocket, record["websocket"]),
            metrics=_read(Metrics, record["metrics"]),
        )
    except (ValueError, KeyError, TypeError):
        return None


def _read(kind: Any, record: Mapping[str, Any]) -> Any:
    """Every field, each of the type of its default. Unknown keys are a later version's. Raises ValueError, KeyError."""
    found = {field.name: record[field.name] for field in fields(kind)}
    default = kind()
    for name, value in found.items():
        if type(value) is not type(getattr(default, name)) or not _usable(value):
            raise ValueError(f"{name} cannot be {value!r}")
    return kind(**found)


def _usable(value: Any) -> bool:
    if isinstance(value, list):
        return all(isinstance(item, str) for item in value)
    return 1 <= value <= 65535 if isinstance(value, int) else str(value).startswith("/")
