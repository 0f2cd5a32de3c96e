"""checkov finds nothing in our Terraform that is not explained in terraform/waivers.yaml, by somebody, for a time."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from datetime import date
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from opsctl.assets import asset

ROOT = asset("terraform")


@dataclass(frozen=True)
class Waiver:
    check: str
    resources: tuple[str, ...]
    reason: str
    owner: str
    expires: date

    def covers(self, check: str, resource: str) -> bool:
        return check == self.check and any(fnmatchcase(resource, _escaped(pattern)) for pattern in self.resources)


@pytest.fixture(scope="module")
def waivers() -> list[Waiver]:
    entries = YAML(typ="safe", pure=True).load(ROOT / "waivers.yaml")
    return [Waiver(**{**entry, "resources": tuple(entry["resources"])}) for entry in entries]


@pytest.fixture(scope="module")
def findings(checkov: Path) -> list[tuple[str, str]]:
    """(check, resource) of everything that checkov does not like."""
    argv = [str(checkov), "-d", str(ROOT), "--framework", "terraform", "--skip-download", "--quiet", "-o", "json"]
    run = subprocess.run([*argv, "--compact"], capture_output=True, text=True)
    told: dict[str, Any] = json.loads(run.stdout)
    assert told["summary"]["parsing_errors"] == 0
    assert told["summary"]["resource_count"] > 50, "checkov read something else"
    return [(found["check_id"], found["resource"]) for found in told["results"]["failed_checks"]]


def test_every_finding_is_explained(findings: list[tuple[str, str]], waivers: list[Waiver]) -> None:
    assert [found for found in findings if not any(waiver.covers(*found) for waiver in waivers)] == []


def test_every_waiver_is_needed(findings: list[tuple[str, str]], waivers: list[Waiver]) -> None:
    idle = {
        (waiver.check, pattern)
        for waiver in waivers
        for pattern in waiver.resources
        if not any(waiver.check == check and fnmatchcase(name, _escaped(pattern)) for check, name in findings)
    }
    assert idle == set()


def test_every_waiver_has_a_reason_an_owner_and_an_end(waivers: list[Waiver]) -> None:
    for waiver in waivers:
        assert len(waiver.reason) > 40, waiver
        assert waiver.owner, waiver
        assert waiver.expires > date.today(), f"{waiver.check} has expired: look at it again"


def _escaped(pattern: str) -> str:
    """Brackets belong to addresses here; only the star means more than itself."""
    return pattern.replace("[", "[[]")
