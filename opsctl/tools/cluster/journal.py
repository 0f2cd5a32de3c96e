"""Rollout records, one ConfigMap each: they survive opsctl, its computer, and whoever started it.

A write whose answer got lost is neither done nor undone: what is stored tells, and is asked at the next write.
"""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

from opsctl.core.history import forgettable
from opsctl.core.release import Rollout, from_record
from opsctl.errors import OpsError, ToolFailed, Unreachable
from opsctl.tools.cluster.api import Api, Conflict, NotFound
from opsctl.tools.cluster.names import Names

KEPT = 10
_LABEL = "opsctl/record"
_KEY = "rollout.json"


class ConfigMapJournal:
    """Writes over the version it has read or written last; a record that somebody else wrote is a conflict."""

    def __init__(self, api: Api, names: Names) -> None:
        self.api, self.names = api, names
        self._versions: dict[int, str] = {}
        self._unanswered: dict[int, list[str]] = {}  # texts sent since the last answer, any of which may be stored

    def rollouts(self) -> list[Rollout]:
        """An old record that cannot be read is passed over, as it is over; the newest may be unfinished, and is not.

        Raises ToolFailed with the way out where the newest one cannot be read.
        """
        selector = f"{self.names.selector},{_LABEL}=rollout"
        found = self.api.get(self.names.core("configmaps"), labelSelector=selector)["items"]
        by_age = sorted(found, key=_number)
        older = [rollout for item in by_age[:-1] if (rollout := self._read_if_possible(item))]
        return sorted([*older, *map(self._read, by_age[-1:])], key=lambda rollout: rollout.id)

    def save(self, rollout: Rollout) -> None:
        new = rollout.id not in self._versions
        try:
            stored = self._write(rollout)
        except Conflict:
            self._adopt_own(rollout.id)
            stored = self._write(rollout)
        self._versions[rollout.id] = stored["metadata"]["resourceVersion"]
        if new:
            with suppress(OpsError):  # old records are clutter, no reason to stop
                self._forget_old()

    def _write(self, rollout: Rollout) -> dict[str, Any]:
        known = self._versions.get(rollout.id)
        body = self._config_map(rollout, known)
        try:
            if known is None:
                stored = self.api.request("POST", self.names.core("configmaps"), body)
            else:
                stored = self._replaced(rollout, body)
        except Unreachable:
            self._unanswered.setdefault(rollout.id, []).append(body["data"][_KEY])
            raise
        self._unanswered.pop(rollout.id, None)
        return stored

    def _replaced(self, rollout: Rollout, body: dict[str, Any]) -> dict[str, Any]:
        """One that somebody deleted is made again: it says how far things are, which nobody else knows."""
        try:
            return self.api.request("PUT", self.names.core("configmaps", self.names.record(rollout.id)), body)
        except NotFound:
            return self.api.request("POST", self.names.core("configmaps"), self._config_map(rollout, None))

    def _adopt_own(self, number: int) -> None:
        """Go on from what is stored if we wrote it ourselves, or nobody did since. Raises Conflict where somebody else
        has."""
        stored = self.api.get(self.names.core("configmaps", self.names.record(number)))
        version = stored["metadata"]["resourceVersion"]
        ours = stored["data"][_KEY] in self._unanswered.get(number, ())
        if not ours and version != self._versions.get(number):
            raise Conflict(f"somebody else wrote the record of rollout {number}", hint="opsctl status")
        self._versions[number] = version

    def _read_if_possible(self, item: dict[str, Any]) -> Rollout | None:
        try:
            return self._read(item)
        except ToolFailed:
            return None

    def _read(self, item: dict[str, Any]) -> Rollout:
        name = item["metadata"]["name"]
        try:
            rollout = from_record(json.loads(item["data"][_KEY]))
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise ToolFailed(
                f"the record in ConfigMap {name} cannot be read: {type(error).__name__}: {error}",
                state="Nothing was changed; users stay where they are.",
                hint=f"mend it, or forget it: kubectl delete configmap {name} -n {self.names.namespace}",
            ) from error
        self._versions[rollout.id] = item["metadata"]["resourceVersion"]
        return rollout

    def _config_map(self, rollout: Rollout, version: str | None) -> dict[str, Any]:
        labels = {"app.kubernetes.io/name": self.names.app, "app.kubernetes.io/managed-by": "opsctl", _LABEL: "rollout"}
        metadata: dict[str, Any] = {"name": self.names.record(rollout.id), "labels": labels}
        if version:
            metadata["resourceVersion"] = version
        return {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": metadata,
            "data": {_KEY: json.dumps(rollout.to_record())},
        }

    def _forget_old(self) -> None:
        for rollout in forgettable(self.rollouts(), KEPT):
            try:
                self.api.request("DELETE", self.names.core("configmaps", self.names.record(rollout.id)))
            except NotFound:
                continue


def _number(item: dict[str, Any]) -> int:
    """By its name, as what it holds may be damaged; one that somebody named otherwise counts as old."""
    last = str(item["metadata"]["name"]).rpartition("-")[2]
    return int(last) if last.isascii() and last.isdigit() else 0


class OneRecordJournal(ConfigMapJournal):
    """Of one rollout alone, for who may read no other record."""

    def __init__(self, api: Api, names: Names, number: int) -> None:
        super().__init__(api, names)
        self._number = number

    def rollouts(self) -> list[Rollout]:
        return [self._read(self.api.get(self.names.core("configmaps", self.names.record(self._number))))]
