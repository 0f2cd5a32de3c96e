"""Narration never ends the work it is about."""

from __future__ import annotations

import io
import sys
import threading

import pytest

from opsctl.console import Console
from opsctl.console import console as console_module
from opsctl.errors import OpsError, Unreachable


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


class Screen(io.StringIO):
    """A terminal that remembers what was written to it."""

    def isatty(self) -> bool:
        return True


def on_terminal(monkeypatch: pytest.MonkeyPatch) -> Screen:
    """Called in the test itself, as pytest takes stderr back between a fixture and its test."""
    screen = Screen()
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "80")
    return screen


LONG = Unreachable(
    "no answer from the cluster at https://10.20.30.40:6443: the connection was refused, and was again a second later",
    state="Nothing is known of what the last write did; the rollout stays unfinished on record until somebody goes on.",
    hint="opsctl status; when the cluster answers: opsctl resume, or opsctl abort, which brings users back",
)


def test_an_error_wraps_at_words_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = on_terminal(monkeypatch)
    Console(color=False).error(LONG)
    lines = terminal.getvalue().splitlines()
    assert max(map(len, lines)) <= 80
    assert len(lines) == 6
    assert [line[:7].strip() for line in lines] == ["error:", "", "state", "", "next", ""]
    assert " ".join(terminal.getvalue().split()).startswith(f"error: {LONG.message} state {LONG.state} next ")


def test_what_cannot_be_wrapped_stays_whole_to_be_copied(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = on_terminal(monkeypatch)
    address = "https://" + "a" * 100
    Console(color=False).error(OpsError(f"see {address} and go on"))
    assert address in terminal.getvalue().splitlines()[1]


def test_in_a_log_an_error_is_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    Console().error(LONG)
    said = capsys.readouterr().err.splitlines()
    assert said == [f"error: {LONG.message}", f"  state  {LONG.state}", f"  next   {LONG.hint}"]


DETAIL = "a detail that has more to say than there is room for in eighty columns, and an address at its end"


def test_in_a_log_a_step_is_told_whole(capsys: pytest.CaptureFixture[str]) -> None:
    Console().step("apply", DETAIL, seconds=1.0)
    assert f"{DETAIL} 1.0 s\n" in capsys.readouterr().err


def test_on_a_terminal_a_step_is_one_row(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", screen := Screen())
    monkeypatch.setenv("TERM", "xterm")
    Console(color=False).step("apply", DETAIL, seconds=1.0)
    assert len(screen.getvalue().rstrip("\n")) == 80
    assert screen.getvalue().endswith("… 1.0 s\n")


def test_what_takes_long_says_what_it_waits_for(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(console_module, "_FIRST_S", 0.0)
    asked = threading.Event()
    with Console().sign_of_life(lambda: asked.set() or "probes of 3 pods"):
        assert asked.wait(5)
    said = capsys.readouterr()
    assert (said.out, "waiting" in said.err, "for probes of 3 pods\n" in said.err) == ("", True, True)


def test_what_is_quick_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    with Console().sign_of_life(lambda: "nothing"):
        pass
    assert capsys.readouterr() == ("", "")


def test_on_a_terminal_that_line_is_taken_back(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = on_terminal(monkeypatch)
    monkeypatch.setattr(console_module, "_FIRST_S", 0.0)
    asked = threading.Event()
    with Console(color=False).sign_of_life(lambda: asked.set() or "the cluster to answer"):
        assert asked.wait(5)
    assert "● waiting     for the cluster to answer" in terminal.getvalue()
    assert terminal.getvalue().endswith("\r\033[K")
