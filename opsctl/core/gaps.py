"""Each open question of an environment with what answers it: the file, a default, other keys, or nobody yet."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from opsctl.core.questions import CATEGORIES, Answer, Category, Question
from opsctl.core.questions.sources import OURS
from opsctl.core.uses import not_yet


class State(StrEnum):
    MISSING = "missing"
    GIVEN = "given"
    DERIVED = "derived"
    DEFAULT = "default"


@dataclass(frozen=True)
class Origin:
    """Where a key's value is from: `text` is a place such as environments/production.yaml:12, or other keys."""

    state: State
    text: str = ""


@dataclass(frozen=True)
class Gap:
    """One key's answer to one question; `value` may be shown to anybody."""

    question: Question
    answer: Answer
    state: State
    value: Any
    origin: str

    @property
    def later(self) -> str:
        """That nothing uses the key yet, and what it will say; else ""."""
        return not_yet(self.answer.key)


def gaps(value_of: Callable[[str], Any], origins: Mapping[str, Origin]) -> dict[Category, tuple[Gap, ...]]:
    """Every question's answers, by category. `value_of` gives what may be shown of a key's value."""
    emulated, stage = value_of("aws.emulated"), value_of("stage")
    return {
        each: tuple(
            _gap(question, _asked(answer, emulated, stage), value_of(answer.key), origins[answer.key])
            for question in each.questions
            for answer in question.answers
        )
        for each in CATEGORIES
    }


def _asked(answer: Answer, emulated: bool, stage: str) -> Answer:
    """The answer as it is asked for here: one that blocks nothing has a reason instead."""
    if answer.blocks and emulated:
        return Answer(answer.key, "none: whose account it is and who is told matters on AWS, not on an emulator", OURS)
    if answer.stage not in ("", stage):
        return Answer(answer.key, f"none: asked for in {answer.stage} only", OURS)
    return answer


def _gap(question: Question, answer: Answer, value: Any, origin: Origin) -> Gap:
    open_ = bool(answer.blocks) and value in (None, [], {}, "")
    return Gap(question, answer, State.MISSING if open_ else origin.state, value, origin.text)
