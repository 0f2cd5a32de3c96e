"""Saved plans: `.opsctl/<env>/plans/NNNN/` with Terraform's file and what opsctl has to know about it."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from opsctl.core.apply_events import is_last
from opsctl.core.cost.difference import CostChange
from opsctl.core.plan import Action, Change, Difference, PlanSummary
from opsctl.core.plan_policy import PolicyFinding, Severity
from opsctl.core.saved_plan import Binding, Kind, SavedPlan
from opsctl.core.state_lock import Run
from opsctl.errors import UsageError
from opsctl.tools import process

_KEPT = 20
_KEPT_LOCK = "Error releasing the state lock"  # said last by a Terraform that ends and leaves its lock behind


class PlanFolder:
    """Plans of one environment. Only this user may read them: a plan file holds the state, secrets included."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def reserve(self) -> int:
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        numbers = self._numbers()
        for old in numbers[:-_KEPT]:
            if self.running(old):
                continue  # a long apply, while others plan
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

    def begun(self) -> tuple[SavedPlan, ...]:
        """Few have a log and no end, so only those are read whole. Plans of an earlier opsctl are passed over."""
        found = list[SavedPlan]()
        for number in self._numbers():
            if self.log(number).is_file() and '"ended": null' in self._kept(number):
                with suppress(UsageError):
                    found.append(self.load(number))
        return tuple(plan for plan in found if plan.consumed is not None and plan.ended is None)

    def _kept(self, number: int) -> str:
        file = self._of(number) / "plan.json"
        return file.read_text(errors="replace") if file.is_file() else ""

    def claim(self, number: int) -> bool:
        """The file system lets one of several do it."""
        try:
            (self._of(number) / "claimed").touch(mode=0o600, exist_ok=False)
        except FileExistsError:
            return False
        return True

    def running(self, number: int) -> bool:
        return self.log(number).is_file() and process.in_use(self.log(number))

    def events(self, number: int) -> list[Mapping[str, Any]]:
        return list(_events(self.log(number))) if self.log(number).is_file() else []

    def runs(self) -> tuple[Run, ...]:
        """Each Terraform that was started here for one of the kept plans."""
        found = [self._run(number, doing) for number in self._numbers() for doing in ("plan", "apply")]
        return tuple(run for run in found if run)

    def _run(self, number: int, doing: str) -> Run | None:
        log = self._of(number) / f"{doing}.jsonl"
        if not log.is_file():
            return None
        ended = self._has_ended(number, doing) and _KEPT_LOCK not in log.read_text(errors="replace")
        return Run(number, doing, _began(log), process.in_use(log), ended, _worked(log))

    def _has_ended(self, number: int, doing: str) -> bool:
        known = _mapping(self._kept(number))
        marked = bool(known) if doing == "plan" else bool(known.get("ended"))
        return marked or _came_to_an_end(self._of(number) / f"{doing}.jsonl", doing)

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
        for left in self.folder.glob("scratch-*.bin"):
            if not _runs(left.stem.rpartition("-")[2]):
                left.unlink(missing_ok=True)
        return self.folder / f"scratch-{os.getpid()}.bin"

    def discard(self, file: Path) -> None:
        file.unlink(missing_ok=True)
        file.with_suffix(".jsonl").unlink(missing_ok=True)

    def _of(self, number: int) -> Path:
        return self.folder / f"{number:04d}"

    def _numbers(self) -> list[int]:
        return sorted(int(path.name) for path in self.folder.glob("[0-9]*") if path.name.isdigit())


def _runs(pid: str) -> bool:
    """Whether the opsctl that wrote a scratch plan is still there to delete it."""
    try:
        os.kill(int(pid), 0)
    except (ValueError, ProcessLookupError):
        return False
    except PermissionError:
        return True
    return True


def _made(folder: Path) -> bool:
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        return False
    return True


def _began(log: Path) -> float:
    """Terraform's first event comes before it takes the lock; of a log without one, when it was last written."""
    with log.open() as lines, suppress(ValueError, KeyError, TypeError):
        return datetime.fromisoformat(json.loads(lines.readline())["@timestamp"]).timestamp()
    return log.stat().st_mtime


def _worked(log: Path) -> float:
    """What it said of a lock that somebody else had is no work."""
    told = [event.get("@timestamp", "") for event in _events(log) if event.get("type") not in ("version", "diagnostic")]
    with suppress(ValueError):
        return max((datetime.fromisoformat(time).timestamp() for time in told if time), default=0.0)
    return 0.0


def _came_to_an_end(log: Path, doing: str) -> bool:
    """Terraform outlives an opsctl that was killed: its last words say whether it was killed, too."""
    summary = {"plan": "change_summary"}.get(doing)
    return any(is_last(event) or event.get("type") == summary for event in _events(log))


def _mapping(text: str) -> Mapping[str, Any]:
    """Empty where it is none: a full disk leaves half a file."""
    with suppress(ValueError):
        found = json.loads(text)
        return found if isinstance(found, dict) else {}
    return {}


def _events(log: Path) -> Iterator[Mapping[str, Any]]:
    """The last line of a log whose writer was killed may be half a line."""
    with log.open(errors="replace") as lines:
        yield from (json.loads(line) for line in lines if line.startswith("{") and line.endswith("}\n"))


def _plan(found: Mapping[str, Any]) -> SavedPlan:
    told = found["summary"]
    changes = tuple(_change(change) for change in told["changes"])
    findings = tuple(PolicyFinding(**{**each, "severity": Severity(each["severity"])}) for each in told["findings"])
    cost = CostChange(**told["cost"]) if told["cost"] else None
    summary = PlanSummary(changes, tuple(told["outputs"]), tuple(told["warnings"]), findings, cost)
    known = {**found, "kind": Kind(found["kind"]), "binding": Binding(**found["binding"]), "summary": summary}
    return SavedPlan(**known)


def _change(found: Mapping[str, Any]) -> Change:
    differences = {name: tuple(Difference(**each) for each in found[name]) for name in ("differences", "forced_by")}
    known: dict[str, Any] = {**found, "action": Action(found["action"]), **differences}
    return Change(**known)
