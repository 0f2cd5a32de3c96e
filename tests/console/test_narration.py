"""Narration never ends the work it is about."""

from __future__ import annotations

import sys

import pytest

from opsctl.console import Console


class Gone:
    """A pipe whose reader went away."""

    def isatty(self) -> bool:
        return False

    def write(self, text: str) -> int:
        raise BrokenPipeError(32, "Broken pipe")


def test_a_reader_that_went_away_ends_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", Gone())
    console = Console()
    console.say("hello")
    with console.progress("warm", "green") as row:
        row.update("1/2 ready")
