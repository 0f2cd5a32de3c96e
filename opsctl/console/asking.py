"""The question before an apply: `yes`, or the environment's name where something could not be brought back."""

from __future__ import annotations

import sys
from dataclasses import dataclass

from opsctl.console.console import Console
from opsctl.console.plan_text import counts
from opsctl.core.plan import PlanSummary
from opsctl.core.saved_plan import Kind
from opsctl.errors import OpsError, Refused, UsageError


@dataclass(frozen=True)
class Answers:
    """What the command line said beforehand: --yes, and --confirm with the right name."""

    yes: bool = False
    name: bool = False


def need_an_answer(console: Console, answered: bool, instead: str) -> None:
    """Raise UsageError, before any work is done, where nobody is there to be asked."""
    if not answered and not _somebody_is_there(console):
        raise UsageError("there is no terminal to ask on", state="Nothing was changed.", hint=instead)


def approve(console: Console, environment: str, answers: Answers, kind: Kind, summary: PlanSummary) -> None:
    """Return where the person agrees. Raises Refused where it takes the name, OpsError where it takes a yes."""
    if kind is Kind.DESTROY or summary.dangerous:
        _want_the_name(console, environment, answers, kind)
    elif not answers.yes and _typed(f"Apply ({counts(summary)})? Type yes") != "yes":
        raise OpsError("the answer was not 'yes'", state="Nothing was changed.")


def _want_the_name(console: Console, environment: str, answers: Answers, kind: Kind) -> None:
    if answers.name:
        return
    doing = f"Destroy all of {environment}" if kind is Kind.DESTROY else "Apply, and lose the data named above"
    if not _somebody_is_there(console):
        raise _without_the_name(environment, "nobody is there to type it")
    if _typed(f"{doing}? Type {environment}") != environment:
        raise _without_the_name(environment, "the answer was another")


def _without_the_name(environment: str, why: str) -> Refused:
    return Refused(
        f"what cannot be undone takes the environment's name, and {why}",
        state="Nothing was changed.",
        hint=f"type {environment} when asked, or add --confirm {environment}",
    )


def _typed(question: str) -> str:
    sys.stderr.write(f"  {question} to go on: ")
    sys.stderr.flush()
    return sys.stdin.readline().strip()


def _somebody_is_there(console: Console) -> bool:
    return sys.stdin.isatty() and console.is_terminal
