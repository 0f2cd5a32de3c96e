"""One YAML file as plain data, with the place of every value and every mistake that was seen while reading it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from opsctl.errors import Mistake

Path = tuple[str | int, ...]
Place = tuple[int, int]  # line and column, counted from 1


@dataclass
class Document:
    """`data` is the top-level mapping; `places` tells where each key (or list item) stands."""

    file: str
    data: dict[str, Any] = field(default_factory=dict)
    places: dict[Path, Place] = field(default_factory=dict)
    mistakes: list[Mistake] = field(default_factory=list)
    complete: bool = True  # False where reading stopped early, so that missing keys mean nothing

    def mistake(self, path: Path, message: str, place: Place = (0, 0)) -> None:
        self.mistakes.append(Mistake(dotted(path), message, self.file, *place))

    def refuse(self, message: str, place: Place) -> None:
        """A mistake after which the rest of the file is not read."""
        self.complete = False
        self.mistake((), message, place)


def dotted(path: Path) -> str:
    """("nodes", "types", 0) → "nodes.types[0]"."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return text.removeprefix(".")
