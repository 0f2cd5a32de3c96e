"""What Helm keeps of a release: one Secret a revision, whose labels say how it ended.

A Helm that was killed leaves its newest revision `pending-*`, and from then on every upgrade is refused with
"another operation is in progress". That is nobody's problem but ours: under our lease, and once no Helm can be at
work on it any more, that one record is deleted, and the upgrade that was wanted takes its revision number again.

No Helm can be at work on a record that is older than a Helm is given, `LONGEST_S`: its opsctl ends it then, and it
dies with its opsctl (`Command.dies_with_us`). A younger one may be at work still, perhaps on a computer that lost its
network and with it the lease, so it is left alone until it is older; unless it is the revision that our own Helm was
to write, as we have seen that one end. `helm rollback` would also end a pending
upgrade, but by applying whatever came before, and it cannot end a pending installation.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

from opsctl.errors import Unreachable
from opsctl.tools.cluster.api import Api, Conflict, NotFound
from opsctl.tools.cluster.names import Names

LONGEST_S = 25.0  # for one upgrade, which takes 0.3 s, and more where the API server is slow
_PENDING = "pending-"


class HelmRecords:
    """`now` gives seconds since the epoch."""

    def __init__(self, api: Api, names: Names, now: Callable[[], float] = time.time) -> None:
        self.api, self.names, self.now = api, names, now
        self._ours: dict[str, int] = {}  # by release, the revision that our own Helm was to write last

    def repair(self, release: str) -> None:
        """Let go of what a dead Helm left, right before ours starts and after ours has ended.

        Raises Unreachable while another may be at work: ask again in a second.
        """
        newest = self._newest(release)
        pending = newest is not None and _status(newest).startswith(_PENDING)
        if newest and pending:
            self._clear(newest, release)
        self._ours[release] = _revision(newest) + (not pending) if newest else 1

    def _clear(self, newest: dict[str, Any], release: str) -> None:
        age = self.now() - _created(newest)
        if age < LONGEST_S and _revision(newest) != self._ours.get(release):
            raise Unreachable(
                f"Helm may be at work on {release} since {max(0.0, age):.0f} s ({_status(newest)})",
                state="Nothing was installed.",
                hint=f"if its process is gone, opsctl clears that {LONGEST_S:.0f} s after it began",
            )
        self._delete(newest, release)

    def _newest(self, release: str) -> dict[str, Any] | None:
        """An older record may be pending too: it is harmless, and a label alone would find it."""
        found = self.api.get(self.names.core("secrets"), labelSelector=f"owner=helm,name={release}")["items"]
        return max(found, key=_revision, default=None)

    def _delete(self, record: dict[str, Any], release: str) -> None:
        metadata = record["metadata"]
        same = {"uid": metadata["uid"], "resourceVersion": metadata["resourceVersion"]}
        body = {"kind": "DeleteOptions", "apiVersion": "v1", "preconditions": same}
        try:
            self.api.request("DELETE", self.names.core("secrets", metadata["name"]), body)
        except NotFound:
            return
        except Conflict as error:
            raise Unreachable(f"Helm is at work on {release}: its record changed just now") from error


def _status(record: dict[str, Any]) -> str:
    return str(record["metadata"]["labels"].get("status", ""))


def _revision(record: dict[str, Any]) -> int:
    return int(record["metadata"]["labels"].get("version", 0))


def _created(record: dict[str, Any]) -> float:
    return datetime.fromisoformat(record["metadata"]["creationTimestamp"]).timestamp()
