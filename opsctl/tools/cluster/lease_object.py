"""The Lease object: how its fields are read and written, and whether whoever it names is alive."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from opsctl.core.lease import DURATION_S, RENEW_TIMEOUT_S, LeaseState, Life, Sighting, life, sentence, way_out
from opsctl.errors import LockHeld, UsageError
from opsctl.tools.clock import SystemClock
from opsctl.tools.cluster.api import MERGE, Api, Conflict, NotFound
from opsctl.tools.cluster.fence import shut_out_the_former
from opsctl.tools.cluster.names import Names
from opsctl.tools.person import this_person, this_process

_REASON, _CI, _UNTIL, _RIVAL = "opsctl/reason", "opsctl/ci", "opsctl/until", "opsctl/rival"
_TIME = "%Y-%m-%dT%H:%M:%S.%fZ"  # the server wants microseconds and a zone
_LOOK_S = 0.2  # between two looks at a lease of which nobody knows whether it is kept


class LeaseObject:
    def __init__(self, api: Api, names: Names, clock: SystemClock) -> None:
        self.api, self.names, self.clock = api, names, clock
        self._path = names.coordination(names.lease)
        self._seen: Sighting | None = None

    def read(self) -> dict[str, Any] | None:
        try:
            return self.api.get(self._path)
        except NotFound:
            return None

    def look(self) -> tuple[dict[str, Any] | None, Sighting | None]:
        """The lease as stored, and since when it looks so: what was seen at earlier looks counts."""
        stored = self.read()
        if stored is None:
            self._seen = None
        else:
            lease, at = state_of(stored), self.clock.steady()
            self._seen = self._seen.again(lease, at) if self._seen else Sighting(lease, at)
        return stored, self._seen

    def free_or_dead(self) -> dict[str, Any] | None:
        """The lease of a holder that was seen to be dead, and shut out; None if there is none.

        Takes a lease's duration at most. Raises LockHeld where its holder is alive.
        """
        stored, seen = self.look()
        while stored and seen:
            verdict = life(seen, self.clock.now(), self.clock.steady())
            if verdict is Life.ALIVE:
                raise self.held()
            if verdict is Life.DEAD:
                self._shut_out(seen.lease)
                return stored
            self.clock.sleep(_LOOK_S)
            stored, seen = self.look()
        return None

    def _shut_out(self, dead: LeaseState) -> None:
        """Before its lease is written over: should it wake just now and renew it, it keeps the lock and tries again."""
        if dead.until is None:  # a person writes nothing
            shut_out_the_former(self.api, self.names, f"{this_process()} {self.clock.now():.3f}")

    def held(self) -> LockHeld:
        """The error that names the present holder."""
        stored, now = self.read(), self.clock.now()
        if stored is None:
            return LockHeld("somebody else took the lock first", state="Nothing was changed.", hint="try again")
        lease = state_of(stored)
        words = f"{self.names.app} is locked: {sentence(lease, now)}"
        return LockHeld(words, state="Nothing was changed.", hint=way_out(lease, this_person()))

    def take(self, lease: LeaseState, over: dict[str, Any] | None) -> dict[str, Any]:
        """Make it, or write over a dead one by naming the version that was seen dead. Raises LockHeld."""
        body = _body(lease, self.names)
        try:
            if over is None:
                return self.api.request("POST", self.names.coordination(), body)
            body["metadata"]["resourceVersion"] = over["metadata"]["resourceVersion"]
            return self.api.request("PUT", self._path, body)
        except Conflict:
            raise self.held() from None
        except NotFound as error:
            raise UsageError(
                f"namespace {self.names.namespace} does not exist: nothing was released yet",
                state="Nothing was changed.", hint="opsctl deploy makes it",
            ) from error  # fmt: skip

    def stored_as(self, lease: LeaseState) -> dict[str, Any] | None:
        """What is stored, if it is this very lease."""
        stored = self.read()
        return stored if stored and same_holding(stored, _body(lease, self.names)) else None

    def renew(self, stored: dict[str, Any]) -> dict[str, Any]:
        """Write the heartbeat. Raises Conflict where somebody wrote it since, or where it is gone."""
        body = {**stored, "spec": {**stored["spec"], "renewTime": _text(self.clock.now())}}
        return self.api.request("PUT", self._path, body, timeout=RENEW_TIMEOUT_S)

    def make_again(self, lost: dict[str, Any]) -> dict[str, Any]:
        """Raises Conflict where somebody else has made one."""
        metadata = {"name": self.names.lease, "annotations": lost["metadata"].get("annotations", {})}
        spec = {**lost["spec"], "renewTime": _text(self.clock.now())}
        body = {**lost, "metadata": metadata, "spec": spec}
        return self.api.request("POST", self.names.coordination(), body, timeout=RENEW_TIMEOUT_S)

    def ask(self, rival: str | None) -> None:
        """Write on whoever's lease it is who wants it to give way; None takes that back."""
        try:
            self.api.request("PATCH", self._path, {"metadata": {"annotations": {_RIVAL: rival}}}, kind=MERGE)
        except NotFound:
            return

    def delete(self, stored: dict[str, Any]) -> None:
        """Raises Conflict where somebody wrote it since."""
        version = stored["metadata"]["resourceVersion"]
        body = {"kind": "DeleteOptions", "apiVersion": "v1", "preconditions": {"resourceVersion": version}}
        try:
            self.api.request("DELETE", self._path, body)
        except NotFound:
            return


def same_holding(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Whether both are the same holder's, taken at the same moment."""
    return all(one["spec"].get(key) == other["spec"].get(key) for key in ("holderIdentity", "acquireTime"))


def state_of(stored: dict[str, Any]) -> LeaseState:
    spec, notes = stored["spec"], stored["metadata"].get("annotations") or {}
    return LeaseState(
        holder=spec.get("holderIdentity", ""),
        reason=notes.get(_REASON, ""),
        since=_seconds(spec.get("acquireTime")),
        renewed=_seconds(spec.get("renewTime")),
        duration=float(spec.get("leaseDurationSeconds", DURATION_S)),
        until=_seconds(notes[_UNTIL]) if _UNTIL in notes else None,
        ci=notes.get(_CI, ""),
        rival=notes.get(_RIVAL, ""),
        version=stored["metadata"]["resourceVersion"],
    )


def _body(lease: LeaseState, names: Names) -> dict[str, Any]:
    notes = {_REASON: lease.reason, _CI: lease.ci, _UNTIL: _text(lease.until) if lease.until is not None else ""}
    metadata = {"name": names.lease, "annotations": {key: text for key, text in notes.items() if text}}
    spec = {
        "holderIdentity": lease.holder, "leaseDurationSeconds": int(lease.duration),
        "acquireTime": _text(lease.since), "renewTime": _text(lease.renewed),
    }  # fmt: skip
    return {"apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "metadata": metadata, "spec": spec}


def _text(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime(_TIME)


def _seconds(text: str | None) -> float:
    return datetime.fromisoformat(text).timestamp() if text else 0.0
