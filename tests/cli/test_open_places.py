"""What the scaffold marks as OPEN is what `config gaps` calls missing, and filling it in is all there is to do."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from opsctl.cli import app
from opsctl.cli.exits import run

Missing = Callable[[str], set[str]]

# From "# OPEN" on to the next line that is no comment, and in there a key that is commented out.
PLACE = re.compile(r"(?m)^ *# OPEN.*\n(?: *#.*\n)+")
KEY = re.compile(r"(?m)^( *)# (?!OPEN)(\w+: )")
OFFER = re.compile(r"(?m)^( +)# (?!OPEN)(\w+: )")


@pytest.fixture
def missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Missing:
    """What is missing in an environment of a scaffold, which has to be valid."""
    monkeypatch.chdir(tmp_path)
    assert run(app, ("init",)) == 0

    def missing(environment: str) -> set[str]:
        assert run(app, ("config", "check", "--env", environment)) == 0, capsys.readouterr().err
        capsys.readouterr()
        assert run(app, ("config", "gaps", "--env", environment, "-o", "json")) == 0
        return set(json.loads(capsys.readouterr().out)["missing"])

    return missing


def fill_in(environment: str, comment: re.Pattern[str]) -> None:
    """Uncomment a key in every open place."""
    file = Path("environments") / f"{environment}.yaml"
    file.write_text(PLACE.sub(lambda place: comment.sub(r"\1\2", place[0]), file.read_text()))


def marked_open(environment: str) -> set[str]:
    """Every key that stands in an open place, with its sections."""
    found, section = set[str](), ""
    text = (Path("environments") / f"{environment}.yaml").read_text()
    places = {line for place in PLACE.findall(text) for line in place.splitlines()}
    for line in text.splitlines():
        section = line.partition(":")[0] if re.match(r"\w+:", line) else section
        if line in places and (key := KEY.match(line)):
            name = key[2].removesuffix(": ")
            path = f"{section}.{name}" if key[1] else name
            found |= {f"{path}.{inner}" for inner in re.findall(r"[{,] ?(\w+):", line)} or {path}
    return found


@pytest.mark.parametrize("name", ["development", "staging", "production", "sandbox"])
def test_open_places_are_what_is_missing(missing: Missing, name: str) -> None:
    assert marked_open(name) == missing(name)


def test_who_fills_in_every_open_place_is_done(missing: Missing) -> None:
    for name in ("development", "staging", "production"):
        fill_in(name, KEY)
        assert missing(name) == set()
    assert run(app, ("config", "check")) == 0


def test_other_offers_may_be_taken_as_well(missing: Missing) -> None:
    fill_in("production", KEY)
    file = Path("environments/production.yaml")
    file.write_text(OFFER.sub(r"\1\2", file.read_text()))
    assert missing("production") == set()
