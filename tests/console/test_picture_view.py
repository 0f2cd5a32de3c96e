"""The live picture as it stands on terminals of several sizes, for recorded moments of releases."""

from __future__ import annotations

import copy
import os
import time
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some
from pictures import SCREENSHOT, SHOWN, SIZES, Size, in_utc, names, picture, svg, text, text_file

from opsctl.console.picture_words import minutes, picture_line
from opsctl.core.picture import Picture, silent

ROOMY, SMALL = Size(80, 24), Size(60, 15)


@pytest.fixture(autouse=True)
def utc() -> Iterator[None]:
    before = os.environ.get("TZ")
    in_utc()
    yield
    os.environ.pop("TZ")
    if before is not None:
        os.environ["TZ"] = before
    time.tzset()


def changed(**parts: Any) -> Picture:
    return {**picture(SHOWN), **parts}


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size.width}x{size.height}")
@pytest.mark.parametrize("name", names())
def test_recorded_moments_are_drawn_as_they_were_approved(name: str, size: Size) -> None:
    """After a change that is meant: `make screenshots`, and look at what git shows."""
    assert text(picture(name), size) == text_file(name, size).read_text()


def test_the_screenshot_in_the_documentation_is_what_is_drawn_today() -> None:
    """After a change that is meant: `make screenshots`."""
    drawn = svg(picture(SHOWN))
    assert drawn == SCREENSHOT.read_text()
    assert "http" not in drawn.replace("http://www.w3.org/2000/svg", ""), "a picture asks nobody for anything"
    assert len(drawn) < 60_000


@given(width=some.integers(10, 220), height=some.integers(3, 60), name=some.sampled_from(names()))
def test_it_fits_whatever_the_size(width: int, height: int, name: str) -> None:
    lines = text(picture(name), Size(width, height)).splitlines()
    assert len(lines) <= height
    assert max(map(len, lines)) <= width


@pytest.mark.parametrize("size", [ROOMY, SMALL, Size(200, 50)])
def test_what_an_operator_asks_first_is_there_at_every_size(size: Size) -> None:
    seen = text(picture(SHOWN), size)
    for words in (
        "blue · release 1", "▶ green · release 2", "draining for", "25 agents left", "left", "service → green",
        "ana@build-7", "100 %", "journal", "rollback",
    ):  # fmt: skip
        assert words in seen, words


@pytest.mark.parametrize("size", [ROOMY, SMALL, Size(40, 8)])
def test_an_old_picture_says_so_before_anything_else(size: Size) -> None:
    old = silent(picture(SHOWN), "no answer from the cluster at https://example")
    seen = text(old, size, later=65)
    facts = [line for line in seen.splitlines() if line.startswith("  old ") or line.startswith("  phase ")]
    assert facts[0].startswith("  old ")
    assert "for 1:05" in facts[0]
    assert "draining for" in seen, "the last picture stays"


def test_a_cluster_that_is_only_slow_is_no_silent_one() -> None:
    assert "\n  old " not in text(picture(SHOWN), ROOMY, later=2)
    assert "the cluster is slow" in text(picture(SHOWN), ROOMY, later=9)


def test_a_sick_service_is_told_by_mark_and_word() -> None:
    sick = copy.deepcopy(picture(SHOWN))
    sick["colors"]["green"]["verdict"] = "unhealthy"
    sick["colors"]["green"]["detail"] = "api: HTTP 500 on 3 of 3 pods"
    sick["colors"]["green"]["services"]["api"] = {"verdict": "unhealthy", "detail": "HTTP 500 on 3 of 3 pods"}
    for size in (ROOMY, SMALL):
        assert "✗ BAD" in text(sick, size)
        assert "✗ unhealthy" in text(sick, size)
    assert "green 2 3/3 unhealthy with users" in picture_line(sick)


def test_nobody_at_an_unfinished_release_says_what_to_type() -> None:
    assert "by        nobody is at it: opsctl resume, or opsctl abort" in text(changed(lock=None), ROOMY)


def test_several_routers_each_say_where_they_point() -> None:
    alb = {"router": "alb", "active": "blue", "blue": 100, "green": 0, "agrees": False}
    seen = text(changed(traffic=[*picture(SHOWN)["traffic"], alb]), ROOMY)
    assert "service → green" in seen
    assert "alb → blue · the routers differ" in seen
    assert "traffic   routers differ" in seen


def test_several_workloads_are_told_apart() -> None:
    found = copy.deepcopy(picture(SHOWN))
    found["colors"]["green"]["workloads"] = {"agents": {"desired": 2, "ready": 1}, "api": {"desired": 1, "ready": 1}}
    assert "ready · agents 1/2, api 1/1" in text(found, Size(120, 24))


def test_a_line_for_a_log_says_who_serves_and_what_goes_on() -> None:
    line = picture_line(picture(SHOWN))
    assert line.startswith(
        "draining release 2 · blue 1 3/3 healthy · green 2 3/3 healthy with users · lock ana@build-7"
    )
    assert "OLD, no answer: silence" in picture_line(silent(picture(SHOWN), "silence"))


def test_an_intent_is_told_until_it_was_done() -> None:
    journal = [
        {"rollout": 2, "at": 0.0, "what": "intent scale green to 3", "detail": ""},
        {"rollout": 2, "at": 1.0, "what": "done scale green to 3", "detail": ""},
        {"rollout": 2, "at": 2.0, "what": "intent switch blue to green", "detail": ""},
    ]
    seen = text(changed(journal=journal), ROOMY)
    assert "intent scale" not in seen
    assert "00:00:01  2  done scale green to 3" in seen
    assert "00:00:02  2  intent switch blue to green" in seen


@pytest.mark.parametrize(("seconds", "words"), [(-3, "0:00"), (7.9, "0:07"), (754, "12:34"), (3723, "1:02:03")])
def test_lengths_of_time(seconds: float, words: str) -> None:
    assert minutes(seconds) == words
