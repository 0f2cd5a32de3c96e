"""How a value is shown to people."""

from __future__ import annotations

import re
from dataclasses import asdict, is_dataclass
from typing import Any

_ADDRESSES = "release.notify.webhooks"


def sayable(path: str, value: Any) -> Any:
    """What may be shown of a key's value: of a webhook its host alone, as whoever knows the rest may write there."""
    if not path.startswith(_ADDRESSES):
        return value
    if isinstance(value, list):
        return [sayable(path, address) for address in value]
    scheme, _, rest = str(value).partition("://")
    host = re.split(r"[/?#]", rest)[0].rpartition("@")[2]
    return f"{scheme}://{host}/…" if host else "…"


def counted(number: int, noun: str) -> str:
    """1 pod, 2 pods"""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def shown(value: Any) -> str:
    """None → "-", true → "true", lists and mappings on one line."""
    if value is None:
        return "-"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, list):
        return "[" + ", ".join(map(shown, value)) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {shown(inner)}" for key, inner in value.items()) + "}"
    if is_dataclass(value) and not isinstance(value, type):
        return shown(asdict(value))
    return str(value)
