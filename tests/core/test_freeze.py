"""Freezes, and how people write how long and until when."""

from __future__ import annotations

import re
from datetime import datetime

import pytest

from opsctl.core.freeze import Freeze, moment_of, seconds_in

NOON = datetime(2026, 11, 24, 12, 0).timestamp()


def test_it_ends_by_itself() -> None:
    freeze = Freeze("the sale", "ana@build-7", NOON, NOON + 60)
    assert freeze.active(NOON + 59)
    assert not freeze.active(NOON + 60)
    assert freeze.sentence(NOON) == "frozen by ana@build-7 until 12:01:00: the sale"


def test_another_days_end_has_a_date() -> None:
    assert "until 2026-11-27 08:00:" in Freeze("x", "ana@pc", NOON, moment_of("2026-11-27T08:00", NOON)).sentence(NOON)


@pytest.mark.parametrize(("text", "seconds"), [("90s", 90), ("10m", 600), ("2h30m", 9000), ("3d", 259200)])
def test_lengths_of_time(text: str, seconds: float) -> None:
    assert seconds_in(text) == seconds


@pytest.mark.parametrize("text", ["", "0m", "10", "ten", "2h 30m", "-5m", "1.5h", "2hours", "1w"])
def test_what_is_no_length_of_time(text: str) -> None:
    with pytest.raises(ValueError, match=re.escape(f"{text!r} is no length of time such as 90s, 10m, 2h30m or 3d")):
        seconds_in(text)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2h", datetime(2026, 11, 24, 14, 0)),
        ("18:00", datetime(2026, 11, 24, 18, 0)),
        ("9:30", datetime(2026, 11, 25, 9, 30)),
        ("12:00", datetime(2026, 11, 25, 12, 0)),
        ("2026-12-01T08:00", datetime(2026, 12, 1, 8, 0)),
        ("2026-12-01", datetime(2026, 12, 1, 0, 0)),
        ("2026-12-01T08:00+00:00", datetime.fromisoformat("2026-12-01T08:00+00:00")),
    ],
)
def test_moments(text: str, moment: datetime) -> None:
    assert moment_of(text, NOON) == moment.timestamp()


@pytest.mark.parametrize("text", ["tomorrow", "", "2026-13-01", "2026-11-24T11:59", "2020-01-01", "25:00", "12:60"])
def test_no_moment_or_one_that_has_passed(text: str) -> None:
    with pytest.raises(ValueError, match=r"is no time such as 2h, 18:00 or 2026-12-01T08:00|has passed"):
        moment_of(text, NOON)


@pytest.mark.parametrize("text", ["367d", "9999-12-31", "999999d999999d999999d"])
def test_longer_than_a_year_is_a_mistake(text: str) -> None:
    with pytest.raises(ValueError, match=r"longer than a year|more than a year away"):
        moment_of(text, NOON)
