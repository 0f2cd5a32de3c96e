"""What a key feeds, found by rendering with and without a change of it rather than by a list that could lie."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any, Literal, get_args, get_origin

from opsctl.core.derive import derive
from opsctl.core.environment import Environment
from opsctl.core.keys import keys, value_at, with_value
from opsctl.render.files import documents


def feeds(given: Environment, path: str) -> tuple[str, ...]:
    """Places such as "terraform/terraform.tfvars.json: network.cidr" that change with the key at `path`.

    `given` is the environment before derivation, so that a key is followed through what is derived from it.
    """
    other = with_value(given, path, another(value_at(given, path), keys()[path].type))
    before, after = documents(derive(given)[0]), documents(derive(other)[0])
    return tuple(_differences(before, after))


def another(value: Any, kind: Any) -> Any:
    """A value that is not `value`. It need not be allowed: rendering passes values on and judges none."""
    if get_origin(kind) is Literal:
        return next(option for option in get_args(kind) if option != value)
    if value is None:
        return 7 if _base(kind) is int else "changed:1"
    if isinstance(value, bool):
        return not value
    if isinstance(value, list):
        return [*value, "changed"]
    if isinstance(value, dict):
        return {**value, "<name>": _entry(get_args(kind)[1])}
    return value + 1 if isinstance(value, int | float) else f"{value}-changed"


def _entry(kind: Any) -> Any:
    """Of a mapping whose entries are text, or several texts together."""
    return kind(*("changed" for _ in fields(kind))) if is_dataclass(kind) and isinstance(kind, type) else "changed"


def _base(kind: Any) -> Any:
    arguments = get_args(kind)
    return arguments[0] if arguments else kind


def _differences(before: dict[str, Any], after: dict[str, Any]) -> Iterator[str]:
    for file in dict.fromkeys([*before, *after]):
        if file not in before or file not in after:
            yield file
        else:
            yield from (f"{file}: {place}" for place in _changed(before[file], after[file], ""))


def _changed(before: Any, after: Any, place: str) -> Iterator[str]:
    if isinstance(before, dict) and isinstance(after, dict):
        for name in dict.fromkeys([*before, *after]):
            yield from _changed(before.get(name), after.get(name), f"{place}.{name}".removeprefix("."))
    elif before != after:
        yield place
