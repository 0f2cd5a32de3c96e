"""What an operator sees of an apply, on a terminal and in a log."""

from __future__ import annotations

import io
import sys
from datetime import UTC, datetime, timedelta

import pyte
import pytest

from opsctl.console import Console
from opsctl.console.apply_board import ApplyBoard
from opsctl.core.apply_events import Applied, Running, Took
from opsctl.core.plan import Action, Change, PlanSummary

VPC, DATABASE = "module.network.aws_vpc.this", "module.database.aws_db_instance.this"
SUMMARY = PlanSummary((
    Change(VPC, "module.network", "aws_vpc", Action.ADD),
    Change(DATABASE, "module.database", "aws_db_instance", Action.ADD),
))  # fmt: skip
KNOWN = {"aws_db_instance create": (82.0,)}


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def running(address: str, kind: str, seconds: float) -> Running:
    return Running(address, "create", datetime.now(UTC) - timedelta(seconds=seconds), kind)


def both() -> Applied:
    at_work = [running(VPC, "aws_vpc", 4.2), running(DATABASE, "aws_db_instance", 30.2)]
    return Applied(planned=2, started=2, running={one.address: one for one in at_work})


def one_done(before: Applied) -> Applied:
    left = {DATABASE: before.running[DATABASE]}
    return Applied(2, 2, added=(VPC,), running=left, took=(Took(VPC, "aws_vpc", "create", 4.2),))


def screen_of(written: str) -> list[str]:
    screen = pyte.Screen(80, 24)
    pyte.Stream(screen).feed(written.replace("\n", "\r\n"))
    return [line.rstrip() for line in screen.display if line.strip()]


def test_on_a_terminal_each_resource_at_work_has_a_row(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "80")
    board = ApplyBoard(Console(color=False), SUMMARY, KNOWN)
    board.update(Applied())
    applied = both()
    board.update(applied)
    lines = screen_of(terminal.getvalue())
    assert lines[0].startswith("● apply       0 of 2 · at least 51 s left, 1 without history")
    assert lines[1].split() == ["creating", DATABASE, "30", "s", "of", "about", "82", "s"]
    assert lines[2].split() == ["creating", VPC, "4", "s"]

    board.update(one_done(applied))
    lines = screen_of(terminal.getvalue())
    assert lines[0].startswith(f"✓ added       {VPC}")
    assert lines[1].startswith("● apply       1 of 2 · at least 51 s left")
    assert len(lines) == 3
    board.end()
    assert screen_of(terminal.getvalue()) == [lines[0]]


def test_what_looks_the_same_is_not_written_again(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")
    board = ApplyBoard(Console(color=False), SUMMARY, {})
    board.update(Applied(planned=2))
    written = terminal.getvalue()
    board.update(Applied(planned=2))
    assert terminal.getvalue() == written


def test_rows_fit_a_terminal_with_many_at_work(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "80")
    many = [running(f"{VPC}_with_quite_a_long_name[{number}]", "aws_vpc", 4000) for number in range(30)]
    ApplyBoard(Console(color=False), SUMMARY, {"aws_vpc create": (4100.0,)}).update(
        Applied(planned=30, running={one.address: one for one in many})
    )
    lines = terminal.getvalue().splitlines()
    assert len(lines) == 7
    assert max(map(len, lines)) < 80


def test_in_a_log_each_end_is_one_line_and_nothing_is_taken_back(capsys: pytest.CaptureFixture[str]) -> None:
    board = ApplyBoard(Console(color=False), SUMMARY, KNOWN)
    applied = both()
    board.update(applied)
    board.update(one_done(applied))
    board.end()
    said = capsys.readouterr().err
    assert said.count(f"✓ added       {VPC}") == 1
    assert "\033" not in said


def test_in_a_log_an_address_stands_whole(capsys: pytest.CaptureFixture[str]) -> None:
    address = 'module.observability.aws_cloudwatch_metric_alarm.burn["availability-fast-and-long"]'
    ApplyBoard(Console(), SUMMARY, KNOWN).update(Applied(planned=1, started=1, added=(address,)))
    assert address in capsys.readouterr().err
