"""Values that Terraform writes differently and that mean the same."""

from __future__ import annotations

import json
from typing import Any

_KEEPS_ORDER = ("ordered_",)  # of CloudFront's behaviours the first that fits counts


def same(one: Any, other: Any) -> bool:
    """JSON in other order or layout, lists in other order, null and empty, 1 and "1", true and "true"."""
    return bool(_plain(one) == _plain(other))


def same_text(one: str, other: str) -> bool:
    """The same of values that are told as text, as in a plan's summary."""
    return same(_parsed(one), _parsed(other))


def _plain(value: Any) -> Any:
    if isinstance(value, str):
        parsed = _parsed(value)
        return _plain(parsed) if isinstance(parsed, dict | list) else value or None
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return f"{value:g}" if value == int(value) else repr(value)
    if isinstance(value, list):
        return sorted((_plain(each) for each in value), key=_sortable) or None
    if isinstance(value, dict):
        found = {key: _ordered(each) if key.startswith(_KEEPS_ORDER) else _plain(each) for key, each in value.items()}
        return {key: each for key, each in found.items() if each is not None} or None
    return value


def _ordered(value: Any) -> Any:
    return [_plain(each) for each in value] or None if isinstance(value, list) else _plain(value)


def _sortable(value: Any) -> str:
    return json.dumps(value, sort_keys=True)


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text
