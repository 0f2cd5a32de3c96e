"""Merged data → a valid environment, or every mistake in plain words.

pydantic validates against the declaration in `core/environment`. Its strict JSON mode is used, where text is
no number but a whole number may stand for a decimal one. Its messages are not: what is allowed is read from the
declaration, so that errors, `config explain` and the documentation use the same words.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from copy import deepcopy
from difflib import get_close_matches
from functools import cache
from typing import TYPE_CHECKING, Any, get_args, get_origin

from opsctl.config.document import Path, dotted
from opsctl.config.layers import Layers
from opsctl.core.environment import Environment
from opsctl.core.keys import Key, describe, is_either, keys, parts, sections
from opsctl.core.rules import Finding, violations
from opsctl.core.words import sayable
from opsctl.errors import Mistake

if TYPE_CHECKING:
    from pydantic import TypeAdapter

_UNKNOWN = "unexpected_keyword_argument"
_MISSING = "missing"
_RENAMED = {
    "release.drain_deadline": "release.drain.deadline",
    "release.drain_quiet_seconds": "release.drain.quiet_seconds",
}


@cache
def adapter() -> TypeAdapter[Environment]:
    """The validator. Built on first use, as pydantic costs a third of a second.

    Other packages' pydantic plugins stay out: they could change what is valid, and looking for them means reading
    the metadata of every installed package.
    """
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    from pydantic import TypeAdapter

    return TypeAdapter(Environment)


def check(name: str, layers: Layers) -> tuple[Environment, list[Mistake]]:
    """Validate; `name` is the environment's. With mistakes, the environment holds defaults in their place."""
    data = deepcopy(layers.data)
    written_name = data.pop("name", None)
    found = list(layers.mistakes)
    if written_name is not None:
        found.append(_mistake(layers, ("name",), f"is the file's name ({name}); remove this key"))
    environment, errors = _validated(name, data)
    known = {mistake.path for mistake in found}
    found += [m for m in (_explained(layers, name, error) for error in errors) if m.path not in known]
    if layers.complete:
        wrong = {mistake.path.partition("[")[0] for mistake in found}
        found += [_located(layers, finding) for finding in violations(environment, wrong)]
    order = {file: number for number, file in enumerate(layers.files)}
    return environment, sorted(found, key=lambda m: (order.get(m.file, -1), m.line, m.column))


def _validated(name: str, data: dict[str, Any]) -> tuple[Environment, list[Any]]:
    """The environment that is left when every wrong value is taken out, and pydantic's errors."""
    from pydantic import ValidationError

    data["name"] = name.encode(errors="replace").decode()  # a file may be called by bytes that are no text
    errors: list[Any] = []
    while True:
        try:
            return adapter().validate_json(json.dumps(data), strict=True), errors
        except ValidationError as error:
            found = _one_a_key(error.errors(include_url=False, include_context=False))
        errors += found
        for each in found:
            _take_out(data, each["loc"])


def _one_a_key(errors: list[Any]) -> list[Any]:
    """pydantic reports a value of a key with alternatives once for each of them, as ("release", "standby", "int")."""
    found: dict[Path, Any] = {}
    for error in errors:
        path = dotted(error["loc"][:-1])
        either = path in keys() and is_either(keys()[path].type)
        location = error["loc"][:-1] if either else error["loc"]
        found.setdefault((*location, error["type"] if not either else ""), {**error, "loc": location})
    return list(found.values())


def _take_out(data: dict[str, Any], location: Path) -> None:
    if location == ("name",):
        data["name"] = "unnamed"
        return
    *parents, last = _whole_entry(_key_path(_without_marker(location)[0]))
    for part in parents:
        data = data.get(part, {})
    data.pop(str(last), None)


def _whole_entry(path: list[str]) -> list[str]:
    """Of an entry that holds several values none is of use without the others."""
    return next((path[: cut + 1] for cut in range(1, len(path)) if ".".join(path[:cut]) in keys()), path)


def _key_path(location: Path) -> list[str]:
    """The part of a location that consists of keys: an item's number is left out."""
    path: list[str] = []
    for part in location:
        if isinstance(part, int):
            break
        path.append(part)
    return path


def _without_marker(location: Path) -> tuple[Path, bool]:
    """pydantic says ("aws", "tags", "x", "[key]") where the entry's name is wrong: ("aws", "tags", "x") and True."""
    marked = location[-1:] == ("[key]",) and dotted(location[:-2]) in keys()
    return (location[:-1], True) if marked else (location, False)


def _explained(layers: Layers, name: str, error: Any) -> Mistake:
    location, names_an_entry = _without_marker(error["loc"])
    path = ".".join(_key_path(location))
    if path == "name":
        return Mistake("name", f"{_problem(name, _name_type())} (the file's name)", layers.files[0])
    if error["type"] == _UNKNOWN:
        return _mistake(layers, location, unknown_key(path))
    if path in sections():
        return _mistake(layers, location, f"must hold keys: {', '.join(_inside(path))}")
    kind = _expected(path, location, names_an_entry)
    value = None if error["type"] == _MISSING else sayable(path, error["input"])
    return _mistake(layers, location, _problem(value, kind))


def _name_type() -> Any:
    return keys()["application.name"].type  # both are `Name`


def unknown_key(path: str) -> str:
    """What to say about a key that does not exist."""
    outer = path.rsplit(".", 2)[0]
    if outer in keys():  # a mapping whose entries hold several values
        return f"unknown key; known here: {', '.join(parts(get_args(keys()[outer].type)[1]))}"
    if path in _RENAMED:
        return f"is called {_RENAMED[path]} now"
    near = nearest_key(path)
    if near:
        return f"unknown key; nearest: {near}"
    section = path.rpartition(".")[0]
    return f"unknown key; known here: {', '.join(_inside(section))}"


def nearest_key(path: str) -> str:
    """The known key or section that looks most like `path`, first in the same section; else ""."""
    known = [*keys(), *sections()]
    section, _, last = path.rpartition(".")
    beside = get_close_matches(last, _inside(section), 1)
    if beside:
        return f"{section}.{beside[0]}".removeprefix(".")
    elsewhere = [key for key in known if key.rpartition(".")[2] == last]
    known = [key for key in known if not path.startswith(f"{key}.")]  # its own section is no answer
    return next(iter(elsewhere or get_close_matches(path, known, 1)), "")


def _inside(section: str) -> list[str]:
    start = f"{section}." if section else ""
    inner = [key.removeprefix(start).partition(".")[0] for key in keys() if key.startswith(start)]
    return list(dict.fromkeys(inner if section else ["extends", *inner]))


def _expected(path: str, location: Path, is_map_key: bool) -> Any:
    """Type of what stands at `location`, which may be an item or an entry of the key above it."""
    key = _key_above(path)
    deeper = len(location) > key.path.count(".") + 1
    if not deeper:
        return key.type
    kind: Any = key.type
    while get_origin(kind) not in (list, dict):
        kind = get_args(kind)[0]
    entry = get_args(kind)[0 if is_map_key else -1]
    return parts(entry)[str(location[-1])] if len(location) > key.path.count(".") + 2 else entry


def _key_above(path: str) -> Key:
    while path not in keys():
        path = path.rpartition(".")[0]
    return keys()[path]


def _problem(value: Any, kind: Any) -> str:
    allowed = describe(kind)
    if value is None:
        return f"has no value; allowed: {allowed}"
    if isinstance(value, dict | list):
        return f"is a {'section' if isinstance(value, dict) else 'list'}; allowed: {allowed}"
    if isinstance(value, bool | int | float) and "number" not in allowed and allowed != "true or false":
        return f"{json.dumps(value)} is not text; put it in quotes (allowed: {allowed})"
    if isinstance(value, str) and ("number" in allowed or allowed == "true or false"):
        return f"{_shown(value)} is text; allowed: {allowed}"
    return f"{_shown(value)} is not allowed; allowed: {allowed}"


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else f"{text[:57]}…"


def _mistake(layers: Layers, path: Path, message: str) -> Mistake:
    place = layers.place(path)
    if place is None:
        return Mistake(dotted(path), message, layers.files[0])
    return Mistake(dotted(path), message, place.file, place.line, place.column)


def _located(layers: Layers, finding: Finding) -> Mistake:
    """A broken rule, at the first of its keys that a file holds, naming where the other ones stand."""
    paths = (finding.path, *finding.others)
    written = {path: layers.places[at] for path in paths if (at := tuple(path.split("."))) in layers.places}
    if not written:
        return Mistake(finding.path, finding.message, layers.files[0])
    place = next(iter(written.values()))
    seen = ", ".join(_elsewhere(written, finding.path, place.file))
    message = f"{finding.message} ({seen})" if seen else finding.message
    return Mistake(finding.path, message, place.file, place.line, place.column)


def _elsewhere(written: dict[str, Any], own: str, file: str) -> Iterator[str]:
    for path, place in written.items():
        if path != own:
            yield f"{path}: line {place.line}" if place.file == file else f"{path}: {place}"
