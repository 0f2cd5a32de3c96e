"""The project's pages, and the parts of Markdown that tests look at."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
_FENCE = re.compile(r"^\s*```")
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")


@dataclass(frozen=True)
class Page:
    path: Path

    @property
    def name(self) -> str:
        return str(self.path.relative_to(ROOT))

    def code(self) -> Iterator[tuple[int, str]]:
        """(number, text) of each line in a fenced or an indented code block, and of each `span` in a sentence."""
        for number, line, is_code in self._lines():
            for text in [line] if is_code else re.findall(r"`([^`]+)`", line):
                yield number, text.strip()

    def links(self) -> Iterator[tuple[int, str]]:
        """(number, target) of each link outside of code."""
        for number, line, is_code in self._lines():
            if not is_code:
                yield from ((number, target) for target in _LINK.findall(re.sub(r"`[^`]*`", "", line)))

    def anchors(self) -> set[str]:
        """What a link may name after `#`: each heading, as GitHub spells it."""
        headings = [line.lstrip("#") for _, line, is_code in self._lines() if not is_code and line.startswith("#")]
        return {re.sub(r"[^\w\- ]", "", heading).strip().lower().replace(" ", "-") for heading in headings}

    def _lines(self) -> Iterator[tuple[int, str, bool]]:
        fenced, blank = False, True
        for number, line in enumerate(self.path.read_text(encoding="utf-8").splitlines(), start=1):
            if _FENCE.match(line):
                fenced = not fenced
                continue
            indented = line.startswith("    ") and blank  # an indented block follows an empty line, or its own lines
            yield number, line, fenced or indented
            blank = not line.strip() or indented


@pytest.fixture(scope="session")
def pages() -> list[Page]:
    """Every page of the project, wherever it lies; folders that begin with a dot hold other people's."""
    folders = [path for path in ROOT.iterdir() if path.is_dir() and not path.name.startswith(".")]
    found = [*ROOT.glob("*.md"), *(path for folder in folders for path in folder.rglob("*.md"))]
    assert len(found) > 5, "the search itself must find something"
    return [Page(path) for path in sorted(found)]
