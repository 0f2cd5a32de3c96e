"""What was seen of a rollout, in a ConfigMap of its own that belongs to the rollout's record.

Kubernetes deletes it when the record goes, whoever deletes that. Written in a thread, one write at a time, so that no
release waits for it; and without a version, as whoever carries the rollout has the lock, and a lost write is no harm.
"""

from __future__ import annotations

import json
import threading
import time
from contextlib import suppress
from typing import Any

from opsctl.core.release import Rollout
from opsctl.core.tape import Tape, from_record
from opsctl.errors import OpsError
from opsctl.tools.cluster.api import Api, NotFound
from opsctl.tools.cluster.names import Names

_KEY = "samples.json"


class ConfigMapTapes:
    def __init__(self, api: Api, names: Names) -> None:
        self.api, self.names = api, names
        self._before: dict[int, Tape] = {}  # by rollout: what another process had stored when this one came
        self._owner: dict[str, Any] = {}
        self._writing: threading.Thread | None = None

    def store(self, rollout: Rollout, tape: Tape) -> None:
        if self._writing is None or not self._writing.is_alive():
            self._writing = threading.Thread(target=self._write, args=(rollout, tape), name="tape", daemon=True)
            self._writing.start()

    def finish(self, rollout: Rollout, tape: Tape, seconds: float) -> None:
        until = time.monotonic() + seconds
        self._wait(until)
        self.store(rollout, tape)
        self._wait(until)

    def read(self, rollout: Rollout) -> Tape | None:
        with suppress(OpsError, KeyError, TypeError, ValueError):
            return self._stored(rollout)
        return None

    def _wait(self, until: float) -> None:
        if self._writing:
            self._writing.join(max(0.0, until - time.monotonic()))

    def _write(self, rollout: Rollout, tape: Tape) -> None:
        with suppress(OpsError):  # the next write comes, or what is lost is lost
            if rollout.id not in self._before:
                self._before[rollout.id], self._owner = self._found(rollout), self._record(rollout)
            body = self._config_map(rollout, self._before[rollout.id].joined(tape))
            try:
                self.api.request("PUT", self.names.core("configmaps", self.names.tape(rollout.id)), body)
            except NotFound:
                self._owner = self._record(rollout)
                body["metadata"]["ownerReferences"] = [self._owner]
                self.api.request("POST", self.names.core("configmaps"), body)

    def _found(self, rollout: Rollout) -> Tape:
        """What is there already. Raises Unreachable: then it must not be written over."""
        with suppress(NotFound, KeyError, TypeError, ValueError):
            return self._stored(rollout) or Tape()
        return Tape()

    def _stored(self, rollout: Rollout) -> Tape | None:
        """None where it is another rollout's that had the same number."""
        stored = self.api.get(self.names.core("configmaps", self.names.tape(rollout.id)))
        record = json.loads(stored["data"][_KEY])
        return from_record(record) if record["started_at"] == rollout.started_at else None

    def _record(self, rollout: Rollout) -> dict[str, Any]:
        """What this belongs to. Raises NotFound: without a record nothing would ever collect it."""
        name = self.names.record(rollout.id)
        stored = self.api.get(self.names.core("configmaps", name))
        return {"apiVersion": "v1", "kind": "ConfigMap", "name": name, "uid": stored["metadata"]["uid"]}

    def _config_map(self, rollout: Rollout, tape: Tape) -> dict[str, Any]:
        labels = {
            "app.kubernetes.io/name": self.names.app, "app.kubernetes.io/managed-by": "opsctl",
            "opsctl/record": "samples",
        }  # fmt: skip
        record = {"started_at": rollout.started_at, **tape.to_record()}
        return {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {
                "name": self.names.tape(rollout.id),
                "labels": labels,
                "ownerReferences": [self._owner],
            },
            "data": {_KEY: json.dumps(record, separators=(",", ":"))},
        }
