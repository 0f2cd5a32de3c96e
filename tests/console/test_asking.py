"""The question before an apply."""

from __future__ import annotations

import io
import sys

import pytest

from opsctl.console import Console
from opsctl.console.asking import Answers, approve, need_an_answer
from opsctl.core.plan import Action, Change, PlanSummary
from opsctl.core.saved_plan import Kind
from opsctl.errors import ExitCode, OpsError, Refused, UsageError

ADDS = PlanSummary((Change("m.aws_vpc.x", "m", "aws_vpc", Action.ADD),))
LOSES = PlanSummary((Change("m.aws_s3_bucket.x", "m", "aws_s3_bucket", Action.DESTROY),))


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def screen(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    monkeypatch.setenv("TERM", "xterm")
    return Terminal()


def answer(monkeypatch: pytest.MonkeyPatch, screen: Terminal, text: str, kind: Kind, summary: PlanSummary) -> None:
    monkeypatch.setattr(sys, "stdin", Terminal(f"{text}\n"))
    monkeypatch.setattr(sys, "stderr", screen)
    approve(Console(), "production", Answers(), kind, summary)


def test_a_yes_is_enough_where_nothing_is_lost(monkeypatch: pytest.MonkeyPatch, screen: Terminal) -> None:
    answer(monkeypatch, screen, "yes", Kind.APPLY, ADDS)
    assert "Apply (1 add" in screen.getvalue()
    with pytest.raises(OpsError, match="the answer was not 'yes'") as error:
        answer(monkeypatch, screen, "y", Kind.APPLY, ADDS)
    assert error.value.exit_code == ExitCode.FAILED


@pytest.mark.parametrize(("kind", "summary"), [(Kind.APPLY, LOSES), (Kind.DESTROY, ADDS)])
def test_what_cannot_be_undone_takes_the_name(
    monkeypatch: pytest.MonkeyPatch, screen: Terminal, kind: Kind, summary: PlanSummary
) -> None:
    answer(monkeypatch, screen, "production", kind, summary)
    with pytest.raises(Refused):
        answer(monkeypatch, screen, "yes", kind, summary)


@pytest.mark.parametrize("kind", [Kind.APPLY, Kind.DESTROY])
def test_yes_beforehand_is_no_name(kind: Kind) -> None:
    with pytest.raises(Refused, match="nobody is there to type it") as error:
        approve(Console(), "production", Answers(yes=True), kind, LOSES)
    assert error.value.hint == "type production when asked, or add --confirm production"
    approve(Console(), "production", Answers(yes=True, name=True), kind, LOSES)


def test_answers_beforehand_ask_nothing() -> None:
    approve(Console(), "production", Answers(yes=True), Kind.APPLY, ADDS)


def test_nobody_to_ask_is_said_before_any_work() -> None:
    with pytest.raises(UsageError, match="no terminal"):
        need_an_answer(Console(), False, "add --yes")
    need_an_answer(Console(), True, "add --yes")
