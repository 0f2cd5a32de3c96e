"""Open questions and their answers: for a terminal, as Markdown to send to whoever must answer, and as JSON."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from opsctl.core.gaps import Gap, State
from opsctl.core.keys import keys
from opsctl.core.questions import Category
from opsctl.core.words import shown

Answers = Mapping[Category, tuple[Gap, ...]]

_WIDTH = 80
_LONG = 30  # characters of a value


def counts(answers: Answers) -> dict[State, int]:
    """Each key once, however many questions it answers."""
    found = Counter({gap.answer.key: gap.state for gaps in answers.values() for gap in gaps}.values())
    return {state: found[state] for state in State}


def missing(answers: Answers) -> list[Gap]:
    """Each key once."""
    found = {gap.answer.key: gap for gaps in answers.values() for gap in gaps if gap.state is State.MISSING}
    return list(found.values())


def gaps_text(environment: str, answers: Answers) -> str:
    lines = [f"{environment} · " + " · ".join(f"{number} {state}" for state, number in counts(answers).items())]
    for each in answers:
        lines += ["", f"{each.number} {each.name}"]
        lines += _questions(answers[each])
    lines += ["", *_asked(missing(answers))]
    return "\n".join(lines) + "\n"


def _questions(gaps: tuple[Gap, ...]) -> Iterator[str]:
    asked = None
    for gap in gaps:
        if gap.question is not asked:
            asked = gap.question
            yield from textwrap.wrap(
                f"{asked.number} {asked.text}", _WIDTH, initial_indent="  ", subsequent_indent="      "
            )
        yield from _answer(gap)


def _answer(gap: Gap) -> Iterator[str]:
    value = shown(gap.value)
    value = value if len(value) <= _LONG else f"{value[: _LONG - 1]}…"
    mark = "!" if gap.state is State.MISSING else " "
    yield f"    {mark} {gap.answer.key:<40} {value}"
    yield from textwrap.wrap(_reason(gap), _WIDTH, initial_indent=" " * 8, subsequent_indent=" " * 8)


def _reason(gap: Gap) -> str:
    """Why the key has this value, in one sentence."""
    answer = gap.answer
    said = {
        State.MISSING: f"MISSING: ask {answer.who}; blocks {answer.blocks}",
        State.GIVEN: f"given: {gap.origin}",
        State.DERIVED: gap.origin,
        State.DEFAULT: f"default: {answer.why} ({answer.source})" if answer.why else "default",
    }[gap.state]
    return f"{said}; {gap.later}" if gap.later else said


def _asked(open_: list[Gap]) -> Iterator[str]:
    if not open_:
        yield "Nothing is missing."
        return
    yield f"{len(open_)} answers are missing; everything else is decided:"
    for gap in open_:
        yield f"  {gap.answer.key:<34} {gap.answer.who}"
    yield "  next   opsctl config gaps --markdown > questions.md   to send to them"


def gaps_markdown(environment: str, answers: Answers) -> str:
    """What is missing by whom, then everything that is decided and why."""
    lines = [*_open(environment, missing(answers)), "# What is decided", ""]
    for each, gaps in answers.items():
        lines += [f"## {each.number} {each.name}", "", "| Question | Key | Value | Why |", "|---|---|---|---|"]
        lines += [_row(gap) for gap in gaps if gap.state is not State.MISSING]
        lines += [""]
    return "\n".join(lines)


def _open(environment: str, gaps: list[Gap]) -> Iterator[str]:
    if not gaps:
        yield from (f"# Answers for {environment}", "", "Nothing is missing.", "")
        return
    yield from (f"# Open questions of {environment}", "")
    for who, asked in _by_person(gaps).items():
        yield from (f"## For {who}", "", *(line for gap in asked for line in _item(gap)), "")


def _item(gap: Gap) -> Iterator[str]:
    """With what `config explain` says of the key, as whoever gets this has no opsctl."""
    key = keys()[gap.answer.key]
    yield f"- [ ] `{key.path}`: {gap.question.text} Blocks {gap.answer.blocks}."
    yield f"  - {key.meaning}"
    yield f"  - Allowed: {key.allowed}"


def _by_person(open_: list[Gap]) -> dict[str, list[Gap]]:
    found: dict[str, list[Gap]] = {}
    for gap in open_:
        found.setdefault(gap.answer.who, []).append(gap)
    return found


def _row(gap: Gap) -> str:
    cells = [f"{gap.question.number} {gap.question.text}", f"`{gap.answer.key}`", f"`{shown(gap.value)}`", _reason(gap)]
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def gaps_data(environment: str, answers: Answers) -> dict[str, Any]:
    return {
        "environment": environment,
        "counts": {str(state): number for state, number in counts(answers).items()},
        "missing": [gap.answer.key for gap in missing(answers)],
        "categories": [_category_data(each, gaps) for each, gaps in answers.items()],
    }


def _category_data(each: Category, gaps: tuple[Gap, ...]) -> dict[str, Any]:
    questions = [
        {
            "number": question.number,
            "question": question.text,
            "answers": [_data(g) for g in gaps if g.question is question],
        }
        for question in each.questions
    ]
    return {"number": each.number, "category": each.name, "questions": questions}


def _data(gap: Gap) -> dict[str, Any]:
    return {
        "key": gap.answer.key,
        "state": str(gap.state),
        "value": gap.value,
        "origin": gap.origin,
        "why": gap.answer.why,
        "source": gap.answer.source,
        "blocks": gap.answer.blocks,
        "who": gap.answer.who,
        "later": gap.later,
    }
