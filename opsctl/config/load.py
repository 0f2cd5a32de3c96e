"""Which environments a project has, and one of them complete: validated, derived, each value with its origin."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import asdict, dataclass
from difflib import get_close_matches
from itertools import combinations
from pathlib import Path
from typing import Literal

from opsctl.config.check import check, nearest_key
from opsctl.config.layers import FOLDER, Layers, read_layers
from opsctl.core.account_once import MadeTwice, made_twice
from opsctl.core.derive import Derivation, derive
from opsctl.core.environment import Environment
from opsctl.core.keys import keys, value_at
from opsctl.errors import ConfigurationError, Mistake, UsageError

INFRASTRUCTURE = (
    "aws",
    "state",
    "terraform",
    "network",
    "cluster",
    "registry",
    "database",
    "cache",
    "secrets",
    "edge",
    "observability",
    "security",
    "backup",
    "cost",
    "ci",
    "drift",
)
"""Sections that say what Terraform makes: nothing in them decides where a release is, or how it is judged."""


@dataclass(frozen=True)
class Provenance:
    """Where a value came from: a place in a file, the declaration's default, or other keys."""

    kind: Literal["file", "default", "derived"]
    file: str = ""
    line: int = 0
    column: int = 0
    sources: tuple[str, ...] = ()

    def __str__(self) -> str:
        if self.kind == "file":
            return f"{self.file}:{self.line}"
        return "default" if self.kind == "default" else "derived from " + ", ".join(self.sources)


@dataclass(frozen=True)
class Loaded:
    """`environment` has every derivation filled in; `given` is as the file says, with None where it says nothing."""

    project: Path
    file: str  # relative to the project
    environment: Environment
    given: Environment
    provenance: Mapping[str, Provenance]  # by dotted path; entries of mappings have one each
    mistakes: tuple[Mistake, ...] = ()  # in sections that whoever loaded it does not read; defaults stand there

    @property
    def digest(self) -> str:
        """sha256 over the effective values: the same for files that say the same."""
        text = json.dumps(asdict(self.environment), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()


def environment_names(project: Path) -> list[str]:
    """Names of the project's environments. Files that begin with _ are only extended."""
    return sorted(path.stem for path in (project / FOLDER).glob("*.yaml") if not path.name.startswith(("_", ".")))


def load(project: Path, name: str | None = None, unread: Collection[str] = ()) -> Loaded:
    """Load the environment `name`, or the only one. `unread`: sections whose mistakes do not matter to the caller.

    Raises UsageError where it is unclear which one is meant, ConfigurationError with every mistake of the file.
    """
    name = _chosen(project, name)
    layers = read_layers(project, name)
    given, mistakes = check(name, layers)
    if not layers.complete or any(mistake.path.partition(".")[0] not in unread for mistake in mistakes):
        raise mistaken(mistakes)
    environment, derivations = derive(given)
    provenance = dict(_provenance(environment, layers, derivations))
    return Loaded(project, layers.files[0], environment, given, provenance, tuple(mistakes))


def load_all(project: Path, name: str | None = None) -> list[Loaded]:
    """Load every environment of the project, or the one called `name`.

    Raises ConfigurationError with the mistakes of all files together; one in a shared base is named once. What
    valid environments do to each other is a mistake, too.
    """
    loaded: list[Loaded] = []
    mistakes: dict[Mistake, None] = {}
    names: list[str | None] = [*environment_names(project)] if name is None else [name]
    for each in names or [None]:  # None: let `load` say that there is none
        try:
            loaded.append(load(project, each))
        except ConfigurationError as error:
            mistakes |= dict.fromkeys(error.mistakes)
    mistakes |= dict.fromkeys(_between(loaded))
    if mistakes:
        raise mistaken(list(mistakes))
    return loaded


def _between(loaded: list[Loaded]) -> Iterator[Mistake]:
    by_name = {each.environment.name: each for each in loaded}
    for found in made_twice([each.environment for each in loaded]):
        yield _twice(found, by_name[found.first], by_name[found.second])
    for first, second in combinations(loaded, 2):
        state = first.environment.state
        if state.bucket is not None and state == second.environment.state:
            yield _one_state(first, second)


def _one_state(first: Loaded, second: Loaded) -> Mistake:
    """Derived keys differ, as names do, so that one of the two was written."""
    place = next(each for each in (second.provenance["state.key"], first.provenance["state.key"]) if each.file)
    message = f"{first.file} and {second.file} share a state: provisioning the one would take down the other"
    return Mistake("state.key", message, place.file, place.line, place.column)


def _twice(found: MadeTwice, first: Loaded, second: Loaded) -> Mistake:
    """At the second one's key, or where its account is written."""
    places = (second.provenance[path] for path in (found.path, "aws.account_id"))
    place = next(each for each in places if each.kind == "file")
    message = (
        f"{first.file} and {second.file} share an account, which has this once; write {found.remedy} in one of them"
    )
    return Mistake(found.path, message, place.file, place.line, place.column)


def mistaken(mistakes: list[Mistake]) -> ConfigurationError:
    """One error for all mistakes, naming the files that hold them."""
    files = dict.fromkeys(mistake.file for mistake in mistakes)
    count = "1 mistake" if len(mistakes) == 1 else f"{len(mistakes)} mistakes"
    hint = "opsctl config explain KEY tells what a key means and allows"
    return ConfigurationError(f"{', '.join(files)}: {count}", tuple(mistakes), hint=hint)


def require(loaded: Loaded, *paths: str) -> None:
    """Raises ConfigurationError where one of these keys has no value, with where to write it."""
    missing = [path for path in paths if value_at(loaded.environment, path) is None]
    if missing:
        found = tuple(Mistake(path, f"missing; {keys()[path].meaning}", loaded.file) for path in missing)
        section, _, last = missing[0].rpartition(".")
        hint = f"write `{last}:` under `{section}:` in {loaded.file}"
        raise ConfigurationError(f"{loaded.environment.name} lacks {', '.join(missing)}", found, hint=hint)


def known_keys(path: str) -> list[str]:
    """`path` itself, or the keys of the section `path`. Raises UsageError with the nearest key for anything else."""
    found = [path] if path in keys() else [key for key in keys() if key.startswith(f"{path}.")]
    if not found:
        near = nearest_key(path)
        hint = f"did you mean {near}?" if near else "opsctl config schema lists every key"
        raise UsageError(f"there is no key {path!r}", hint=hint)
    return found


def _chosen(project: Path, name: str | None) -> str:
    names = environment_names(project)
    if not names:
        hint = "opsctl init writes a first set; -C DIR names another folder"
        raise UsageError(f"no environments in {project.resolve()}/{FOLDER}", hint=hint)
    if name in names:
        return str(name)
    if name is not None:
        near = get_close_matches(name, names, 1)
        hint = f"did you mean {near[0]}?" if near else f"there are: {', '.join(names)}"
        raise UsageError(f"there is no environment {name!r} in {FOLDER}/", hint=hint)
    if len(names) > 1:
        raise UsageError(f"which environment? There are: {', '.join(names)}", hint=f"add --env {names[0]}")
    return names[0]


def _provenance(
    environment: Environment, layers: Layers, derivations: tuple[Derivation, ...]
) -> Iterator[tuple[str, Provenance]]:
    derived = {found.path: Provenance("derived", sources=found.sources) for found in derivations}
    for path in keys():
        yield path, derived.get(path) or _written(layers, tuple(path.split(".")))
        value = value_at(environment, path)
        for entry in value if isinstance(value, dict) else ():
            yield f"{path}.{entry}", _written(layers, (*path.split("."), entry))


def _written(layers: Layers, path: tuple[str, ...]) -> Provenance:
    place = layers.places.get(path)
    return Provenance("file", place.file, place.line, place.column) if place else Provenance("default")
