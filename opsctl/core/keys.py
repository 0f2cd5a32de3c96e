"""What is declared about each key, read from `environment.py` itself.

Validation messages, `config explain` and the documentation all read a key's type, bounds, default and meaning
here, so none of them can say something else than the declaration.
"""

from __future__ import annotations

import ast
import inspect
import sys
from collections.abc import Iterator
from dataclasses import MISSING, dataclass, fields, is_dataclass, replace
from functools import cache
from itertools import pairwise
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from annotated_types import Ge, Le, Len, MinLen, Predicate

from opsctl.core.environment import Environment

_KINDS = {int: "whole number", float: "number", str: "text", bool: "true or false"}


@dataclass(frozen=True)
class Key:
    """One key of the file. `default` is None where opsctl derives the value or may go without it."""

    path: str
    type: Any  # what the declaration says, without "or None"
    default: Any
    meaning: str

    @property
    def allowed(self) -> str:
        """What may be written, such as "whole number, 1 … 65535"."""
        return describe(self.type)


@cache
def keys() -> dict[str, Key]:
    """Every key by its dotted path, in the order of the declaration. `name` is the file's name, so no key."""
    return {key.path: key for key in _walk(Environment, "") if key.path != "name"}


@cache
def sections() -> frozenset[str]:
    """Paths that hold keys instead of a value, such as "cluster.nodes"."""
    return frozenset(path[:cut] for path in keys() for cut in range(len(path)) if path[cut] == ".")


def value_at(environment: Environment, path: str) -> Any:
    value: Any = environment
    for name in path.split("."):
        value = getattr(value, name)
    return value


def with_value(environment: Any, path: str, value: Any) -> Any:
    """The same environment but for one key."""
    name, _, rest = path.partition(".")
    return replace(environment, **{name: with_value(getattr(environment, name), rest, value) if rest else value})


def is_either(kind: Any) -> bool:
    """Whether a key takes one type or another; one that may be left out is no such key."""
    return get_origin(kind) in (Union, UnionType)


def describe(kind: Any) -> str:
    """A type with its bounds, in words."""
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is Annotated:
        return _with_bounds(describe(arguments[0]), arguments[1:])
    if is_either(kind):
        return ", or ".join(map(describe, arguments))
    if origin is Literal:
        return "one of " + ", ".join(map(str, arguments)) if len(arguments) > 1 else str(arguments[0])
    if origin is list:
        return f"list; each: {describe(arguments[0])}"
    if origin is dict:
        return f"mapping; each key: {describe(arguments[0])}; each value: {describe(arguments[1])}"
    if is_dataclass(kind):
        return "{" + "; ".join(f"{name}: {describe(each)}" for name, each in parts(kind).items()) + "}"
    return _KINDS[kind]


def parts(kind: Any) -> dict[str, Any]:
    """What each entry of a mapping of several such entries holds, by name."""
    hints = get_type_hints(kind, include_extras=True)
    return {field.name: hints[field.name] for field in fields(kind)}


def _with_bounds(base: str, metadata: tuple[Any, ...]) -> str:
    low = next((m.ge for m in metadata if isinstance(m, Ge)), None)
    high = next((m.le for m in metadata if isinstance(m, Le)), None)
    if low is not None:
        base += f", {low:g} … {high}" if high is not None else f", at least {low:g}"
    base += "".join(f", {_length(m)}" for m in metadata if isinstance(m, Len | MinLen))
    words = [str(m.func.__doc__).strip() for m in metadata if isinstance(m, Predicate)]
    if words and base in _KINDS.values():  # without a bound to tell, the words say it all
        return words[0]
    return ": ".join([base, *words])


def _length(bound: Len | MinLen) -> str:
    if isinstance(bound, MinLen):
        return "at least one" if bound.min_length == 1 else f"at least {bound.min_length}"
    if bound.min_length == bound.max_length:
        return f"{bound.max_length} characters"
    return f"{bound.min_length} … {bound.max_length} characters"


def _walk(cls: Any, prefix: str) -> Iterator[Key]:
    hints, meanings = get_type_hints(cls, include_extras=True), _docstrings(cls)
    for field in fields(cls):
        kind, path = hints[field.name], f"{prefix}{field.name}"
        if is_dataclass(kind):
            yield from _walk(kind, f"{path}.")
        else:
            default = field.default if field.default is not MISSING else None
            if callable(field.default_factory):
                default = field.default_factory()
            yield Key(path, _without_none(kind), default, meanings[field.name])


def _without_none(kind: Any) -> Any:
    options = [option for option in get_args(kind) if option is not NoneType]
    return options[0] if NoneType in get_args(kind) else kind


def _docstrings(cls: type) -> dict[str, str]:
    """Texts below the fields of a class; Python itself throws them away."""
    found = {}
    for node, after in pairwise(_classes(cls.__module__)[cls.__name__].body):
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and isinstance(after, ast.Expr):
            found[node.target.id] = inspect.cleandoc(str(ast.literal_eval(after.value)))
    return found


@cache
def _classes(module: str) -> dict[str, ast.ClassDef]:
    tree = ast.parse(inspect.getsource(sys.modules[module]))
    return {node.name: node for node in tree.body if isinstance(node, ast.ClassDef)}
