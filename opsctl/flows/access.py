"""Who may change an environment: a person's lock, and freezes."""

from __future__ import annotations

from opsctl.core.freeze import Freeze
from opsctl.core.lease import LeaseState
from opsctl.errors import Refused
from opsctl.ports.access import AccessPorts
from opsctl.ports.release import ReleasePorts


def refuse_while_frozen(ports: ReleasePorts | AccessPorts) -> None:
    """For what brings new releases to users; whatever goes back, or ends what was begun, does not ask."""
    found = current_freeze(ports)
    if found is None:
        return
    raise Refused(
        f"releases are {found.sentence(ports.clock.now())}",
        state="Nothing was changed; rollback, abort and resume work.", hint="opsctl unfreeze, if you may",
    )  # fmt: skip


def current_freeze(ports: ReleasePorts | AccessPorts) -> Freeze | None:
    """The one that is not over."""
    found = ports.freezes.read()
    return found if found and found.active(ports.clock.now()) else None


def reserve(reason: str, until: float, ports: AccessPorts) -> LeaseState:
    """Lock an environment by hand. The lock lives in the namespace, so that is made first."""
    ports.cluster.ensure_namespace()
    return ports.reservations.take(reason, until)


def freeze(wanted: Freeze, ports: AccessPorts) -> None:
    ports.cluster.ensure_namespace()
    ports.freezes.write(wanted)
