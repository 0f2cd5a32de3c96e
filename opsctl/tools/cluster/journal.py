"""Rollout records, one ConfigMap each: they survive opsctl, its computer, and whoever started it."""

from __future__ import annotations

import json
from typing import Any

from opsctl.core.release import Rollout, from_record
from opsctl.tools.cluster.api import Api, NotFound
from opsctl.tools.cluster.names import Names

KEPT = 10
_LABEL = "opsctl/record"
_KEY = "rollout.json"


class ConfigMapJournal:
    """Writes over the version it has read or written last; a record that somebody else wrote is a conflict."""

    def __init__(self, api: Api, names: Names) -> None:
        self.api, self.names = api, names
        self._versions: dict[int, str] = {}

    def rollouts(self) -> list[Rollout]:
        selector = f"{self.names.selector},{_LABEL}=rollout"
        found = self.api.get(self.names.core("configmaps"), labelSelector=selector)["items"]
        rollouts = [self._read(item) for item in found]
        return sorted(rollouts, key=lambda rollout: rollout.id)

    def save(self, rollout: Rollout) -> None:
        known = self._versions.get(rollout.id)
        body = self._config_map(rollout, known)
        if known is None:
            stored = self.api.request("POST", self.names.core("configmaps"), body)
            self._forget_old()
        else:
            stored = self.api.request("PUT", self.names.core("configmaps", self.names.record(rollout.id)), body)
        self._versions[rollout.id] = stored["metadata"]["resourceVersion"]

    def _read(self, item: dict[str, Any]) -> Rollout:
        rollout = from_record(json.loads(item["data"][_KEY]))
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
        for rollout in self.rollouts()[:-KEPT]:
            try:
                self.api.request("DELETE", self.names.core("configmaps", self.names.record(rollout.id)))
            except NotFound:
                continue
