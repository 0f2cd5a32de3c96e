"""Old settings go once nothing can need them any more."""

from __future__ import annotations

from contextlib import suppress

from opsctl.core.settings import collectable
from opsctl.errors import OpsError
from opsctl.ports.release import ReleasePorts


def forget_settings(ports: ReleasePorts) -> None:
    """Under the lock, as whoever begins a release may be about to refer to them. They are clutter, and no reason to
    fail: what is not forgotten today is forgotten after the next release."""
    with suppress(OpsError):
        stored, past = ports.settings.stored(), ports.journal.rollouts()
        if not collectable(stored, past, ()):
            return  # as after most releases, so that nobody reads all pods for nothing
        for old in collectable(stored, past, ports.settings.used()):
            ports.settings.delete(old)
