"""`opsctl report` as an operator runs it; only the cluster is simulated."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from fakes import World
from release_commands import Opsctl, opsctl, world

from opsctl.render.page import span

__all__ = ["opsctl", "world"]


def test_the_last_release_by_default_as_a_file_here(opsctl: Opsctl) -> None:
    opsctl("deploy")
    opsctl("deploy", "--image", "late-500:1")
    code, out, _ = opsctl("report")
    assert (code, out) == (0, "report-2.html: Release 2 failed and was rolled back.\n")
    html = Path("report-2.html").read_text()
    assert all(words in html for words in ("HTTP 500", "c0ffee", "late-500:1", "LOG_LEVEL", "<svg"))
    assert "<script" not in html


def test_as_data_nothing_is_written_unless_a_file_is_named(opsctl: Opsctl) -> None:
    opsctl("deploy")
    opsctl("deploy", "--image", "good:2")
    code, out, _ = opsctl("report", "1", "-o", "json")
    found = json.loads(out)
    assert (code, found["release"], found["commit"], list(Path().glob("*.html"))) == (0, 1, "c0ffee", [])
    assert opsctl("report", "1", "-o", "json", "--file", "one.html")[0] == 0
    assert "Release 1 serves users." in Path("one.html").read_text()


def test_deploy_says_how_to_get_it(opsctl: Opsctl) -> None:
    found = json.loads(opsctl("deploy", "-o", "json")[1])
    assert found["report"] == "opsctl report 1"
    assert opsctl(*found["report"].split()[1:])[0] == 0
    assert json.loads(opsctl("deploy", "-o", "json")[1])["report"] is None, "nothing was done, so nothing to report"


def test_without_samples_it_says_so(opsctl: Opsctl, world: World) -> None:
    opsctl("deploy")
    world.tapes.clear()
    opsctl("report")
    assert "Nothing is left of what the probes said" in Path("report-1.html").read_text()


@pytest.mark.parametrize(
    ("image", "words"),
    [("missing:1", ()), ("good:2", ("--no-promote",)), ("late-crash:1", ()), ("broken:1", ())],
)
def test_every_end_can_be_told(opsctl: Opsctl, image: str, words: tuple[str, ...]) -> None:
    opsctl("deploy")
    opsctl("deploy", "--image", image, *words)
    assert opsctl("report")[0] == 0
    assert "Release 2" in Path("report-2.html").read_text()


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["report", "9"], 2, ["no record of release 9 is left; there are 1", "opsctl history"]),
        (["report", "x"], 2, ["RELEASE", "integer"]),
        (["report", "--file", "no/such/folder/r.html"], 1, ["cannot write no/such/folder/r.html", "--file"]),
    ],
)
def test_what_cannot_be_written_is_said(opsctl: Opsctl, words: list[str], code: int, said: list[str]) -> None:
    opsctl("deploy")
    found, out, err = opsctl(*words)
    assert (found, out) == (code, "")
    assert all(part in err for part in said), err


def test_before_the_first_release_there_is_nothing(opsctl: Opsctl) -> None:
    code, _, err = opsctl("report")
    assert (code, "nothing was released yet" in err) == (2, True)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(None, "not over"), (0.04, "40 ms"), (3.14, "3.1 s"), (250.2, "4 min 10 s"), (7260, "2 h 1 min")],
)
def test_times_as_people_say_them(seconds: float | None, text: str) -> None:
    assert span(seconds) == text
