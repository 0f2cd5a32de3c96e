"""The lock: a Lease object with holder, reason and heartbeat.

A Lease fences nothing by itself, so its holder stops writing well before it could have run out, and each
write that matters carries a resourceVersion. Its times are written as text here: the server wants
microseconds and a zone.
"""

from __future__ import annotations

import getpass
import os
import socket
import threading
import time
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from opsctl.core.lease import DURATION_S, MARGIN_S, RENEW_EVERY_S, LeaseState
from opsctl.errors import LockHeld, OpsError, UsageError
from opsctl.tools.cluster.api import Api, Conflict, NotFound
from opsctl.tools.cluster.names import Names

_REASON = "opsctl/reason"
_TIME = "%Y-%m-%dT%H:%M:%S.%fZ"


class KubernetesLease:
    def __init__(self, api: Api, names: Names) -> None:
        self.api, self.names = api, names
        self.holder = f"{getpass.getuser()}@{socket.gethostname()}:{os.getpid()}"
        self._mine: dict[str, Any] | None = None  # the object as last written by us
        self._renewed = 0.0
        self._lost = ""
        self._renewal = threading.Lock()  # the thread renews, and so does `check` after a silence
        self._stop = threading.Event()
        self._renewing: threading.Thread | None = None

    def show(self) -> LeaseState | None:
        try:
            return _state(self.api.get(self.names.coordination(self.names.lease)))
        except NotFound:
            return None

    def acquire(self, reason: str) -> None:
        try:
            found: dict[str, Any] | None = self.api.get(self.names.coordination(self.names.lease))
        except NotFound:
            found = None
        held = _state(found) if found else None
        if held and not held.dead(time.time()):
            raise held_by(held, self.names.app)
        self._write(reason, found)
        self._stop.clear()
        self._renewing = threading.Thread(target=self._keep_renewing, name="lease", daemon=True)
        self._renewing.start()

    def check(self) -> None:
        """After a silence the lease may have run out without anybody taking it: then one renewal tells.

        Raises Unreachable while nobody can tell.
        """
        if not self._lost and time.time() >= self._renewed + DURATION_S - MARGIN_S:
            self._renew()
        if self._lost:
            raise LockHeld(f"the lock was lost: {self._lost}", state="opsctl stopped before its next write.",
                           hint="opsctl status, then opsctl resume")  # fmt: skip

    def release(self) -> None:
        self._stop.set()
        if self._renewing:
            self._renewing.join(timeout=5)
        if self._mine is None or self._lost:
            return
        version = self._mine["metadata"]["resourceVersion"]
        body = {"kind": "DeleteOptions", "apiVersion": "v1", "preconditions": {"resourceVersion": version}}
        with suppress(OpsError):  # somebody has it already, or it runs out by itself
            self.api.request("DELETE", self.names.coordination(self.names.lease), body)
        self._mine = None

    def _keep_renewing(self) -> None:
        while not self._stop.wait(RENEW_EVERY_S):
            with suppress(OpsError):  # no answer: `check` counts the seconds
                self._renew()
            if self._lost:
                return

    def _renew(self) -> None:
        """Raises Unreachable where it is not known whether that was done; sets `_lost` where the lock is gone."""
        with self._renewal:
            assert self._mine is not None, "renewing starts after the first write"
            try:
                self._renew_what_is_ours(self._mine)
            except NotFound:
                self._lost = "somebody released it"
            except Conflict:
                self._lost = "somebody else took it"

    def _renew_what_is_ours(self, mine: dict[str, Any]) -> None:
        """A renewal whose answer got lost leaves a version that we do not know; it still names us."""
        try:
            self._put_renewed(mine)
        except Conflict:
            stored = self.api.get(self.names.coordination(self.names.lease))
            if any(stored["spec"].get(key) != mine["spec"][key] for key in ("holderIdentity", "acquireTime")):
                raise
            self._put_renewed(stored)

    def _put_renewed(self, lease: dict[str, Any]) -> None:
        started = time.time()
        body = {**lease, "spec": {**lease["spec"], "renewTime": _text(started)}}
        self._mine = self.api.request("PUT", self.names.coordination(self.names.lease), body)
        self._renewed = started

    def _write(self, reason: str, found: dict[str, Any] | None) -> None:
        """Create it, or take over a dead one by naming the version that was seen dead."""
        started = time.time()
        metadata: dict[str, Any] = {"name": self.names.lease, "annotations": {_REASON: reason}}
        spec = {
            "holderIdentity": self.holder, "leaseDurationSeconds": int(DURATION_S),
            "acquireTime": _text(started), "renewTime": _text(started),
        }  # fmt: skip
        body = {"apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "metadata": metadata, "spec": spec}
        try:
            if found is None:
                self._mine = self.api.request("POST", self.names.coordination(), body)
            else:
                metadata["resourceVersion"] = found["metadata"]["resourceVersion"]
                self._mine = self.api.request("PUT", self.names.coordination(self.names.lease), body)
        except Conflict:
            winner = self.show()
            raise held_by(winner, self.names.app) if winner else LockHeld("somebody else took the lock first") from None
        except NotFound as error:
            raise UsageError(
                f"namespace {self.names.namespace} does not exist: nothing was released yet",
                state="Nothing was changed.", hint="opsctl deploy makes it",
            ) from error  # fmt: skip
        self._renewed, self._lost = started, ""


def held_by(lease: LeaseState, what: str) -> LockHeld:
    now = time.time()
    since = time.strftime("%H:%M:%S", time.localtime(lease.since))
    return LockHeld(
        f"{what} is locked: {lease.holder} {lease.reason} since {since} ({now - lease.since:.0f} s ago), "
        f"heartbeat {max(0.0, now - lease.renewed):.0f} s ago",
        state="Nothing was changed.",
        hint=f"opsctl status --watch; if that process is gone, its lock runs out in {lease.expires - now:.0f} s",
    )


def _state(lease: dict[str, Any]) -> LeaseState:
    spec = lease["spec"]
    return LeaseState(
        holder=spec.get("holderIdentity", ""),
        reason=lease["metadata"].get("annotations", {}).get(_REASON, ""),
        since=_seconds(spec.get("acquireTime")),
        renewed=_seconds(spec.get("renewTime")),
        duration=float(spec.get("leaseDurationSeconds", DURATION_S)),
    )


def _text(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime(_TIME)


def _seconds(text: str | None) -> float:
    return datetime.fromisoformat(text).timestamp() if text else 0.0
