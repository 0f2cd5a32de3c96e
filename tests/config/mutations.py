"""A hundred and more ways in which an environment file can be wrong, each with the places that must be named.

Derived from the declaration and from the rules' own cases, so that a new key or rule is mutated too.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, is_dataclass
from typing import Any, Literal, get_args, get_origin

from annotated_types import Ge, Le

from opsctl.config.reader import MAX_BYTES
from opsctl.core.keys import Key, keys

Places = frozenset[tuple[int, str]]  # line and key


@dataclass(frozen=True)
class Mutation:
    """`wrong` are the mistakes that must be named, and no others; None for a file that is refused as a whole."""

    name: str
    text: bytes
    wrong: Places | None = None


def yaml(values: dict[str, Any]) -> tuple[str, dict[str, int]]:
    """A block for each section; and the line of each key."""
    lines: list[str] = []
    places: dict[str, int] = {}
    _write(_nested(values), "", 0, lines, places)
    return "\n".join(lines) + "\n", places


def mutated(name: str, values: dict[str, Any]) -> Mutation:
    """A file in which every one of `values` is a mistake."""
    text, places = yaml(values)
    return Mutation(name, text.encode(), frozenset((places[path], path) for path in values))


def wrong_types() -> Iterator[Mutation]:
    """Each key with a value of another type, one file a section: all of its mistakes at once."""
    sections = dict.fromkeys(path.partition(".")[0] for path in keys())
    for section in sections:
        inside = [path for path in keys() if path.partition(".")[0] == section]
        yield mutated(f"types of {section}", {path: _of_another_type(keys()[path]) for path in inside})


def out_of_range() -> Iterator[Mutation]:
    for key in keys().values():
        for value in _beyond(key.type):
            yield mutated(f"{key.path} = {value}", {key.path: value})


def misspelt() -> Iterator[Mutation]:
    for path in list(keys())[::9]:
        yield mutated(f"misspelt {path}", {f"{path}x": 1})


def hostile() -> Iterator[Mutation]:
    bomb = "a0: &a0 [x, x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]\n" for n in range(1, 60))
    texts = {
        "ten megabytes": b"x: " + b"y" * 10 * 1024 * 1024,
        "ten megabytes of keys": b"".join(b"k%d: v\n" % n for n in range(900_000)),
        "just too large": b"#" * (MAX_BYTES + 1),
        "alias bomb": bomb.encode(),
        "alias of itself": b"a: &a [*a]\n",
        "merge keys": b"network:\n  <<: {zones: 3}\n",
        "deep brackets": b"aws: " + b"[" * 50_000,
        "deep braces": b"{a: " * 20_000,
        "duplicate keys": b"network:\n  zones: 3\n  zones: 2\nnetwork: {}\n",
        "tabs": b"network:\n\tzones: 3\n",
        "python object": b"aws: !!python/object/apply:os.system [id]\n",
        "binary": b"aws: \xff\xfe\n",
        "NUL": b"aws:\n  profile: a\x00b\n",
        "half a character": b'aws:\n  profile: "\\ud800"\n',
        "two documents": b"stage: production\n---\nstage: staging\n",
        "a list": b"- stage\n- production\n",
        "a text": b"production\n",
        "never closed": b"aws: {account_id: '1\n",
        "list as key": b"? [a, b]\n: c\n",
        "endless number": b"release:\n  bake_seconds: .inf\n",
        "huge number": b"network:\n  zones: " + b"9" * 5_000 + b"\n",
        "directive": b"%TAG ! tag:x,2000:\n---\nstage: !x y\n",
        "extends nothing": b"extends: nowhere.yaml\n",
        "extends itself": b"extends: test.yaml\n",
        "extends the system": b"extends: ../../../etc/passwd\n",
        "extends a list": b"extends: [a.yaml, b.yaml]\n",
    }
    return (Mutation(name, text) for name, text in texts.items())


def contradiction(name: str, stage: str, changed: dict[str, Any]) -> Mutation:
    """Values that are each allowed and together wrong. Which of the keys is named is the rule's affair."""
    values = {**({} if stage == "development" else {"stage": stage}), **changed}
    return Mutation(name, yaml({path: _plain(value) for path, value in values.items()})[0].encode())


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    return asdict(value) if is_dataclass(value) and not isinstance(value, type) else value


def _nested(values: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for path, value in values.items():
        *parents, last = path.split(".")
        inner = found
        for name in parents:
            inner = inner.setdefault(name, {})
        inner[last] = _Leaf(value)
    return found


@dataclass(frozen=True)
class _Leaf:
    value: Any


def _write(data: dict[str, Any], path: str, depth: int, lines: list[str], places: dict[str, int]) -> None:
    for name, inner in data.items():
        here = f"{path}.{name}".removeprefix(".")
        leaf = isinstance(inner, _Leaf)
        lines.append(f"{'  ' * depth}{name}:" + (f" {json.dumps(inner.value)}" if leaf else ""))
        places[here] = len(lines)
        if not leaf:
            _write(inner, here, depth + 1, lines, places)


def _of_another_type(key: Key) -> Any:
    """Lists and mappings get a number, everything else a list: no key takes both."""
    kind = key.type
    while get_args(kind) and get_origin(kind) not in (list, dict, Literal):
        kind = get_args(kind)[0]
    return 7 if get_origin(kind) in (list, dict) else [7]


def _beyond(kind: Any) -> Iterator[float]:
    for bound in getattr(kind, "__metadata__", ()):
        if isinstance(bound, Ge):
            yield int(bound.ge) - 1
        if isinstance(bound, Le):
            yield int(bound.le) + 1
