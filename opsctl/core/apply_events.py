"""What an apply has done so far, from Terraform's event stream.

Terraform's own total comes only after a complete success, so failures and interruptions are counted
here: from `apply_start`, never from `planned_change`, which also appears when nothing was started.
Unknown events are ignored, as newer Terraform versions add some.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class AwsError:
    """What AWS refused: `code` such as AccessDenied; `status` is the HTTP status, 0 where no answer came."""

    service: str
    operation: str
    status: int
    code: str


@dataclass(frozen=True)
class Trouble:
    """An error diagnostic. `address` is empty where it concerns no single resource."""

    summary: str
    detail: str = ""
    address: str = ""
    place: str = ""

    @property
    def aws(self) -> AwsError | None:
        return parse_aws_error(self.summary)


@dataclass(frozen=True)
class Running:
    address: str
    action: str
    since: datetime
    type: str = ""


@dataclass(frozen=True)
class Took:
    """One step that was done: `action` is create, update or delete."""

    address: str
    type: str
    action: str
    seconds: float


@dataclass(frozen=True)
class StateLock:
    """Who holds the state's lock, as Terraform reports it."""

    id: str
    who: str
    operation: str
    created: str


@dataclass(frozen=True)
class Applied:
    """How far an apply has come. `planned` counts steps; a replacement is two of them, delete and create.

    `unmade` are those of `failed` whose creation failed.
    """

    planned: int = 0
    started: int = 0
    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    destroyed: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()
    unmade: tuple[str, ...] = ()
    running: Mapping[str, Running] = field(default_factory=dict)
    troubles: tuple[Trouble, ...] = ()
    took: tuple[Took, ...] = ()

    @property
    def done(self) -> int:
        return len(self.added) + len(self.changed) + len(self.destroyed)

    @property
    def halfway(self) -> tuple[str, ...]:
        """Begun and not finished: failed, or still running when Terraform ended."""
        return tuple(sorted({*self.failed, *self.running}))

    @property
    def half_made(self) -> tuple[str, ...]:
        """Of those, what was being created, so that nobody has ever used it."""
        running = (each.address for each in self.running.values() if each.action == "create")
        return tuple(sorted({*self.unmade, *running}))


def advance(so_far: Applied, event: Mapping[str, Any]) -> Applied:
    """`so_far` after one more event."""
    kind = event.get("type")
    if kind == "planned_change":
        return replace(so_far, planned=so_far.planned + _STEPS.get(event["change"]["action"], 0))
    if kind == "diagnostic" and event["diagnostic"].get("severity") == "error":
        return replace(so_far, troubles=(*so_far.troubles, _trouble(event["diagnostic"])))
    if kind in ("apply_start", "apply_complete", "apply_errored"):
        return _hook(so_far, kind, event["hook"], str(event.get("@timestamp", "")))
    return so_far


def is_last(event: Mapping[str, Any]) -> bool:
    """A summary of what was done, or an error: Terraform says those at the end, when its state is stored."""
    if event.get("type") == "change_summary":
        return event["changes"].get("operation") in ("apply", "destroy")
    return event.get("type") == "diagnostic" and event["diagnostic"].get("severity") == "error"


_STEPS = {"create": 1, "update": 1, "delete": 1, "replace": 2}
_FIELD = {"create": "added", "update": "changed", "delete": "destroyed"}


def _hook(so_far: Applied, kind: str, hook: Mapping[str, Any], at: str) -> Applied:
    address, action = hook["resource"]["addr"], hook["action"]
    if action not in _FIELD:  # data sources are read during an apply too
        return so_far
    others = {key: value for key, value in so_far.running.items() if key != address}
    if kind == "apply_start":
        kind = hook["resource"].get("resource_type", "")
        running = {**others, address: Running(address, action, datetime.fromisoformat(at), kind)}
        return replace(so_far, started=so_far.started + 1, running=running)
    name = _FIELD[action] if kind == "apply_complete" else "failed"
    ended: dict[str, Any] = {name: (*getattr(so_far, name), address)}
    if name == "failed" and action == "create":
        ended["unmade"] = (*so_far.unmade, address)
    ran = so_far.running.get(address)
    took = (_took(ran, at),) if ran and kind == "apply_complete" else ()
    return replace(so_far, running=others, took=(*so_far.took, *took), **ended)


def _took(ran: Running, at: str) -> Took:
    """By the events' own times: Terraform's `elapsed_seconds` are whole."""
    seconds = (datetime.fromisoformat(at) - ran.since).total_seconds()
    return Took(ran.address, ran.type, ran.action, max(0.0, seconds))


def _trouble(diagnostic: Mapping[str, Any]) -> Trouble:
    where = diagnostic.get("range")
    place = f"{where['filename']}:{where['start']['line']}" if where else ""
    return Trouble(diagnostic["summary"], diagnostic.get("detail", ""), diagnostic.get("address", ""), place)


_OPERATION = re.compile(r"operation error (?P<service>[^:]+): (?P<operation>\w+)")
_STATUS = re.compile(r"StatusCode: (?P<status>\d+)")
_QUERY_CODE = re.compile(r"api error (?P<code>[\w.]+):")
_REST_CODE = re.compile(r"RequestID: [^,]*, (?:HostID: [^,]*, )?(?!HostID:)(?P<code>\w+):")


def parse_aws_error(summary: str) -> AwsError | None:
    """Service, operation, status and code out of a provider's sentence; None where it is not about an AWS call.

    The provider puts these nowhere but into prose. Where the prose changes, callers still have the sentence.
    """
    operation = _OPERATION.search(summary)
    if operation is None:
        return None
    status, code = _STATUS.search(summary), _QUERY_CODE.search(summary) or _REST_CODE.search(summary)
    number = int(status["status"]) if status else 0
    return AwsError(operation["service"], operation["operation"], number, code["code"] if code else "")


def parse_lock(text: str) -> StateLock | None:
    """The holder in "Error acquiring the state lock"; None in any other text."""
    found = dict(re.findall(r"^\s*(ID|Who|Operation|Created):\s+(.+?)\s*$", text, re.MULTILINE))
    if "state lock" not in text or "ID" not in found:
        return None
    created = re.sub(r"\.\d+ \+0000 UTC$", " UTC", found.get("Created", ""))
    return StateLock(found["ID"], found.get("Who", "somebody"), found.get("Operation", ""), created)
