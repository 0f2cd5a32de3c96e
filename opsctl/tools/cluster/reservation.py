"""The lock of a person: the same Lease without a heartbeat, held until a moment named beforehand."""

from __future__ import annotations

import math
import os
from typing import Any

from opsctl.core.lease import LeaseState, ci_url
from opsctl.errors import LockHeld
from opsctl.tools.clock import SystemClock
from opsctl.tools.cluster.api import Api, Conflict
from opsctl.tools.cluster.lease_object import LeaseObject, state_of
from opsctl.tools.cluster.names import Names
from opsctl.tools.person import this_person


class Reservations:
    def __init__(self, api: Api, names: Names) -> None:
        self.clock = SystemClock()
        self.object = LeaseObject(api, names, self.clock)

    def show(self) -> LeaseState | None:
        stored = self.object.read()
        return state_of(stored) if stored else None

    def take(self, reason: str, until: float) -> LeaseState:
        found = self.object.free_or_dead()
        now = self.clock.now()
        length = float(math.ceil(until - now))  # for kubectl's readers, in the whole seconds that a Lease knows
        wanted = LeaseState(this_person(), reason, now, now, length, until, ci_url(os.environ))
        return state_of(self.object.take(wanted, found))

    def give_back(self) -> LeaseState | None:
        stored = self.object.read()
        if stored and state_of(stored).until is None:
            stored = self._of_the_dead()
        if stored is None:
            return None
        try:
            self.object.delete(stored)
        except Conflict:
            raise self.object.held() from None
        return state_of(stored)

    def _of_the_dead(self) -> dict[str, Any] | None:
        try:
            return self.object.free_or_dead()
        except LockHeld as held:
            raise LockHeld(
                held.message, state=held.state,
                hint="it lives, and gives the lock back when it ends: wait, or press Ctrl-C where it runs",
            ) from None  # fmt: skip
