"""An environment's file and the files that it extends, laid over each other.

Mappings are merged key by key; everything else, lists too, is replaced as a whole. The place of each value is
merged the same way, so that a mistake in a base file is reported there.
"""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path as FilePath
from typing import Any

from opsctl.config.document import Document, Path
from opsctl.config.reader import MAX_BYTES, read
from opsctl.core.keys import sections
from opsctl.errors import Mistake

FOLDER = "environments"


@dataclass(frozen=True)
class Place:
    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


@dataclass(frozen=True)
class Layers:
    """`files` are named from the environment's own to the outermost base; `data` is merged."""

    files: tuple[str, ...]
    data: dict[str, Any]
    places: dict[Path, Place]
    mistakes: tuple[Mistake, ...]
    complete: bool

    def place(self, path: Path) -> Place | None:
        """Where `path` is written, or else what it stands in."""
        while path and path not in self.places:
            path = path[:-1]
        return self.places.get(path)


def read_layers(project: FilePath, name: str) -> Layers:
    """Read an environment with all that it extends. Mistakes are collected, never raised."""
    documents = _chain(project, f"{name}.yaml")
    merged: dict[str, Any] = {}
    places: dict[Path, Place] = {}
    for document in reversed(documents):
        merged = _laid_over(merged, document.data)
        places |= {path: Place(document.file, *place) for path, place in document.places.items()}
    return Layers(
        files=tuple(document.file for document in documents),
        data=merged,
        places=places,
        mistakes=tuple(mistake for document in documents for mistake in document.mistakes),
        complete=all(document.complete for document in documents),
    )


def _chain(project: FilePath, first: str) -> list[Document]:
    """Documents from the environment's own to the outermost base."""
    documents: list[Document] = []
    seen: list[str] = []
    following: str | None = first
    while following is not None:
        seen.append(following)
        document = _open(project, following)
        documents.append(document)
        following = _extended(document, project, seen)
    return documents


def _open(project: FilePath, name: str) -> Document:
    shown, path = f"{FOLDER}/{name}".encode(errors="replace").decode(), project / FOLDER / name
    if path.is_fifo() or path.is_socket() or path.is_char_device():  # some of which never come to an end
        document = Document(shown)
        document.refuse("cannot be read: it is no file", (0, 0))
        return document
    try:
        with path.open("rb") as file:
            return read(file.read(MAX_BYTES + 1), shown)
    except OSError as error:
        document = Document(shown)
        document.refuse(f"cannot be read: {error.strerror}", (0, 0))
        return document


def _extended(document: Document, project: FilePath, seen: list[str]) -> str | None:
    """Name of the file that `document` extends; None where it extends none, or none that can be read."""
    if "extends" not in document.data:
        return None
    wanted, place = document.data.pop("extends"), document.places[("extends",)]
    problem = _wrong_base(wanted, project, seen)
    if problem:
        document.mistake(("extends",), problem, place)
        document.complete = False
        return None
    return str(wanted)


def _wrong_base(wanted: Any, project: FilePath, seen: list[str]) -> str:
    if not isinstance(wanted, str) or "/" in wanted or not wanted.endswith(".yaml"):
        return f"must name a file beside this one, such as _base.yaml, not {wanted!r}"
    if wanted in seen:
        return "goes in a circle: " + " → ".join([*seen, wanted])
    there = sorted(path.name for path in (project / FOLDER).glob("*.yaml"))
    if wanted not in there:
        near = get_close_matches(wanted, there, 1)
        return f"there is no {FOLDER}/{wanted}" + (f"; nearest: {near[0]}" if near else "")
    return ""


def _laid_over(below: dict[str, Any], above: dict[str, Any], path: str = "") -> dict[str, Any]:
    merged = dict(below)
    for key, value in above.items():
        inner = f"{path}{key}"
        if value is None and inner in sections():  # a section whose keys are all commented out says nothing
            value = {}
        under = merged.get(key)
        if isinstance(under, dict) and isinstance(value, dict):
            value = _laid_over(under, value, f"{inner}.")
        elif isinstance(value, dict):
            value = _laid_over({}, value, f"{inner}.")
        merged[key] = value
    return merged
