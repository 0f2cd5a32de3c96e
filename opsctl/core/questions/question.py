"""What a question about an environment is, and which keys answer it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Answer:
    """A key that answers a question, wholly or in part.

    `why` is the reason for its default, `source` where that is from. `blocks` is what cannot be done while the key has
    no value, `who` has to give it; both are empty for a key that opsctl can do without. `stage` is the one that it
    blocks anything in, where that is not so in each.
    """

    key: str
    why: str = ""
    source: str = ""
    blocks: str = ""
    who: str = ""
    stage: str = ""


@dataclass(frozen=True)
class Question:
    """`number` is the category's and its own, such as 1.2."""

    number: str
    text: str
    answers: tuple[Answer, ...]


@dataclass(frozen=True)
class Category:
    """One of the six subjects whose open questions halted the deployment."""

    number: int
    name: str
    questions: tuple[Question, ...]


def category(number: int, name: str, questions: Mapping[str, tuple[Answer, ...]]) -> Category:
    """Questions by their text, numbered in their order."""
    numbered = enumerate(questions.items(), start=1)
    return Category(number, name, tuple(Question(f"{number}.{place}", text, keys) for place, (text, keys) in numbered))
