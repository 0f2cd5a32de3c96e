"""No write of a former holder of the lock may land after a later holder's.

A process can be stopped for long at any point (a computer asleep, a frozen container) and wake in the middle of a
write, believing in a lock that somebody else has meanwhile. So each write of consequence goes: read the object's
version, make sure of the lock, write naming that version. And whoever takes over a dead process's lock touches these
objects first. Then a late write has either made sure of its lock before that, and names a version from before it,
which the server refuses; or makes sure of it afterwards, and is told.

Rollout records are compared by version too (`journal`). What has no version to name is harmless when late: a pod
that is stopped by its uid is replaced, and Helm only touches a color that has no traffic.
"""

from __future__ import annotations

from opsctl.errors import LockHeld
from opsctl.tools.cluster.api import FIELD_MANAGER, MERGE, Api, NotFound
from opsctl.tools.cluster.names import Names

_HOLDER = "opsctl/taken-over-by"


def unlocked() -> None:
    """The check of who has no lock: fine for reading, and every write is refused."""
    raise LockHeld("nothing is written without the lock", state="Nothing was changed.")


def shut_out_the_former(api: Api, names: Names, holder: str) -> None:
    """Make the version of each object that a former holder may be writing an old one. Raises Unreachable."""
    body = {"metadata": {"annotations": {_HOLDER: holder}}}
    services = [names.core("services", name) for name in names.actives()]
    for path in (*services, *(names.apps("deployments", name) for name in names.colored())):
        try:
            api.request("PATCH", path, body, kind=MERGE, query={"fieldManager": FIELD_MANAGER})
        except NotFound:
            continue
