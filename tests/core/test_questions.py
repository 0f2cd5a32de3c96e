"""The list of open questions is whole, and every one has keys that exist and say why they are what they are."""

from __future__ import annotations

import pytest

from opsctl.core.keys import keys
from opsctl.core.questions import CATEGORIES, Answer, Question

QUESTIONS = [question for each in CATEGORIES for question in each.questions]
ANSWERS = [answer for question in QUESTIONS for answer in question.answers]


def test_the_six_subjects_are_there() -> None:
    """A report halted the deployment for these; its update added facts, not subjects."""
    assert [(each.number, each.name) for each in CATEGORIES] == [
        (1, "AWS account and authentication"),
        (2, "Application architecture"),
        (3, "CI/CD pipeline"),
        (4, "Monitoring and alerting"),
        (5, "Security and compliance"),
        (6, "Cost management and budgeting"),
    ]


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.number)
def test_every_question_has_a_key(question: Question) -> None:
    assert question.answers
    assert [answer.key for answer in question.answers if answer.key not in keys()] == []
    assert question.text.endswith("?")


@pytest.mark.parametrize("answer", ANSWERS, ids=lambda answer: answer.key)
def test_an_answer_has_a_reason_or_somebody_who_must_give_it(answer: Answer) -> None:
    """Whoever reads a default sees why; whoever reads that something is missing sees whom to ask, and what waits."""
    if answer.blocks:
        assert answer.who
        assert keys()[answer.key].default in (None, [], {})
    else:
        assert answer.why
        assert answer.source


def test_a_key_answers_one_question() -> None:
    named = [answer.key for answer in ANSWERS]
    assert sorted({key for key in named if named.count(key) > 1}) == []
