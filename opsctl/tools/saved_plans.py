"""Saved plans: `.opsctl/<env>/plans/NNNN/` with Terraform's file and what opsctl has to know about it."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from opsctl.core.plan import Action, Change, Difference, PlanSummary
from opsctl.core.plan_policy import PolicyFinding, Severity
from opsctl.core.saved_plan import Binding, Kind, SavedPlan
from opsctl.errors import UsageError

_KEPT = 20


class PlanFolder:
    """Plans of one environment. Only this user may read them: a plan file holds the state, secrets included."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def reserve(self) -> int:
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        numbers = self._numbers()
        for old in numbers[:-_KEPT]:
            shutil.rmtree(self._of(old), ignore_errors=True)
        number = max(numbers, default=0) + 1
        while not _made(self._of(number)):  # somebody else plans at the same time
            number += 1
        return number

    def file(self, number: int) -> Path:
        return self._of(number) / "plan.bin"

    def seal(self, file: Path) -> str:
        return hashlib.sha256(file.read_bytes()).hexdigest() if file.is_file() else ""

    def log(self, number: int) -> Path:
        return self._of(number) / "apply.jsonl"

    def save(self, plan: SavedPlan) -> None:
        draft = self._of(plan.number) / ".plan.json"
        draft.write_text(json.dumps(asdict(plan), indent=2))
        draft.chmod(0o600)
        os.replace(draft, self._of(plan.number) / "plan.json")

    def load(self, number: int) -> SavedPlan:
        file = self._of(number) / "plan.json"
        if not file.is_file():
            known = ", ".join(f"{found:04d}" for found in self._numbers()[-5:]) or "none"
            raise UsageError(f"there is no plan {number:04d}; the newest: {known}", hint="opsctl plan makes a new one")
        try:
            return _plan(json.loads(file.read_text()))
        except (KeyError, TypeError, ValueError):
            again = "opsctl plan makes a new one"
            raise UsageError(f"plan {number:04d} was made by another version of opsctl", hint=again) from None

    def scratch(self) -> Path:
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return self.folder / f"scratch-{os.getpid()}.bin"

    def discard(self, file: Path) -> None:
        file.unlink(missing_ok=True)

    def _of(self, number: int) -> Path:
        return self.folder / f"{number:04d}"

    def _numbers(self) -> list[int]:
        return sorted(int(path.name) for path in self.folder.glob("[0-9]*") if path.name.isdigit())


def _made(folder: Path) -> bool:
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        return False
    return True


def _plan(found: Mapping[str, Any]) -> SavedPlan:
    told = found["summary"]
    changes = tuple(_change(change) for change in told["changes"])
    findings = tuple(PolicyFinding(**{**each, "severity": Severity(each["severity"])}) for each in told["findings"])
    summary = PlanSummary(changes, tuple(told["outputs"]), tuple(told["warnings"]), findings)
    known = {**found, "kind": Kind(found["kind"]), "binding": Binding(**found["binding"]), "summary": summary}
    return SavedPlan(**known)


def _change(found: Mapping[str, Any]) -> Change:
    differences = {name: tuple(Difference(**each) for each in found[name]) for name in ("differences", "forced_by")}
    known: dict[str, Any] = {**found, "action": Action(found["action"]), **differences}
    return Change(**known)
