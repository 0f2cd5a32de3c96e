"""Dataclasses from the plain data that `dataclasses.asdict` made of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

_T = TypeVar("_T")


def restored(like: _T, record: Mapping[str, Any]) -> _T:
    """`like` with the values of a record. What the record lacks, as one of an earlier opsctl may, stays as it is;
    what nobody knows by now is ignored. Raises TypeError where a part is of quite another shape."""
    if not isinstance(record, Mapping):
        raise TypeError(f"{type(like).__name__} from {record!r}")
    hints = get_type_hints(type(like))
    known = {field.name for field in fields(like)} & record.keys()  # type: ignore[arg-type]
    return replace(like, **{name: _value(hints[name], record[name], getattr(like, name)) for name in known})  # type: ignore[type-var]


def _value(kind: Any, value: Any, like: Any) -> Any:
    if is_dataclass(kind) and isinstance(kind, type):
        return restored(like, value)
    if get_origin(kind) is list and is_dataclass(get_args(kind)[0]):
        return [_value(get_args(kind)[0], item, get_args(kind)[0]()) for item in value]
    if isinstance(like, int | float) and not isinstance(value, int | float):
        raise TypeError(f"a number was expected, not {value!r}")
    return value
