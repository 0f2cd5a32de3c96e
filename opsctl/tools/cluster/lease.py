"""The lock of a process: a Lease with a heartbeat, renewed by a thread beside the work.

`core.lease` has the rule by which it is judged. A Lease fences nothing by itself: a holder that was stopped for
long wakes up believing in it. So the holder counts its own seconds since it began the last renewal that succeeded,
by a clock that runs on while the computer sleeps, and each write that matters carries a version (see `cluster`).
"""

from __future__ import annotations

import os
import threading
from contextlib import suppress
from typing import Any

from opsctl.core.lease import DURATION_S, MARGIN_S, RENEW_EVERY_S, LeaseState, Life, Pulse, ci_url, life
from opsctl.errors import LockHeld, OpsError, Unreachable
from opsctl.tools.clock import SystemClock
from opsctl.tools.cluster.api import Api, Conflict, NotFound
from opsctl.tools.cluster.lease_object import LeaseObject, same_holding, state_of
from opsctl.tools.cluster.names import Names
from opsctl.tools.person import this_process


class KubernetesLease:
    def __init__(self, api: Api, names: Names, clock: SystemClock | None = None) -> None:
        self.clock = clock or SystemClock()
        self.object = LeaseObject(api, names, self.clock)
        self.holder = this_process()
        self._mine: dict[str, Any] | None = None  # the object as last written by us
        self._unanswered: LeaseState | None = None  # written perhaps: the answer got lost
        self._renewed = 0.0  # by the steady clock
        self._lost = ""
        self._renewal = threading.Lock()  # the thread renews, and so does `check` after a silence
        self._stop = threading.Event()
        self._renewing: threading.Thread | None = None

    def show(self) -> LeaseState | None:
        stored = self.object.read()
        return state_of(stored) if stored else None

    def pulse(self) -> Pulse:
        _, seen = self.object.look()
        if seen is None:
            return Pulse(None, Life.DEAD)
        at = self.clock.steady()
        return Pulse(seen.lease, life(seen, self.clock.now(), at), at - seen.unchanged_since)

    def acquire(self, reason: str) -> None:
        """A holder that may be dead is watched for as long as its lease lasts, so this may take five seconds."""
        found = self._written_unanswered() or self.object.free_or_dead()
        started, now = self.clock.steady(), self.clock.now()
        wanted = LeaseState(self.holder, reason, now, now, ci=ci_url(os.environ))
        self._unanswered = wanted
        self._mine = self.object.take(wanted, found)
        self._renewed, self._lost, self._unanswered = started, "", None
        self._stop.clear()
        self._renewing = threading.Thread(target=self._keep_renewing, name="lease", daemon=True)
        self._renewing.start()

    def _written_unanswered(self) -> dict[str, Any] | None:
        """The lock that an earlier try took, though it heard no answer."""
        return self.object.stored_as(self._unanswered) if self._unanswered else None

    def check(self) -> None:
        """After a silence the lease may have run out without anybody taking it: then one renewal tells.

        Raises Unreachable while nobody can tell.
        """
        if not self._lost and self._age() >= DURATION_S - MARGIN_S:
            self._renew()
        if self._lost:
            raise LockHeld(f"the lock was lost: {self._lost}", state="opsctl stopped before its next write.",
                           hint="opsctl status, then opsctl resume")  # fmt: skip

    def rival(self) -> str:
        return state_of(self._mine).rival if self._mine else ""

    def ask(self, rival: str) -> None:
        self.object.ask(rival)

    def retract(self) -> None:
        self.object.ask(None)

    def release(self) -> None:
        self._stop.set()
        if self._renewing:
            self._renewing.join(timeout=5)
        if self._mine is None or self._lost:
            return
        with suppress(OpsError):  # somebody has it already, or it runs out by itself
            self._delete(self._mine)
        self._mine = None

    def _delete(self, mine: dict[str, Any]) -> None:
        try:
            self.object.delete(mine)
        except Conflict:
            stored = self.object.read()
            if stored and same_holding(stored, mine):
                self.object.delete(stored)

    def _age(self) -> float:
        """Seconds since the last renewal that succeeded was begun."""
        return self.clock.steady() - self._renewed

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
            started = self.clock.steady()
            try:
                self._mine = self._renewed_or_made_again(self._mine)
            except Conflict:
                self._lost = "somebody else took it, or released it"
            except NotFound as error:
                raise Unreachable("the lock vanishes as soon as it is written", hint="opsctl status") from error
            else:
                self._renewed = started

    def _renewed_or_made_again(self, mine: dict[str, Any]) -> dict[str, Any]:
        """A renewal whose answer got lost, or a rival's wish, leaves a version unknown to us; it still names us.

        A Lease that is gone is a conflict to the server as well. Raises Conflict where the lock is somebody else's.
        """
        try:
            return self.object.renew(mine)
        except Conflict:
            stored = self.object.read()
            if stored is None:
                return self._made_again(mine)
            if not same_holding(stored, mine):
                raise
            return self.object.renew(stored)

    def _made_again(self, mine: dict[str, Any]) -> dict[str, Any]:
        if self._age() >= DURATION_S:
            raise Conflict("somebody may have taken the lock meanwhile, finished, and given it back")
        return self.object.make_again(mine)
