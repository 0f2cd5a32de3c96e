"""The freeze as a ConfigMap of its own, so that it outlives every process and `kubectl get cm` shows it."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from opsctl.core.freeze import Freeze
from opsctl.errors import ToolFailed
from opsctl.tools.cluster.api import Api, Conflict, NotFound
from opsctl.tools.cluster.names import Names

_KEY = "freeze.json"


class ConfigMapFreezes:
    def __init__(self, api: Api, names: Names) -> None:
        self.api, self.names = api, names
        self._path = names.core("configmaps", names.freeze)

    def read(self) -> Freeze | None:
        """As stored, over or not. Raises ToolFailed where it cannot be read: in doubt nothing is released."""
        try:
            stored = self.api.get(self._path)
        except NotFound:
            return None
        try:
            found = json.loads(stored["data"][_KEY])
            return Freeze(str(found["reason"]), str(found["by"]), float(found["since"]), float(found["until"]))
        except (KeyError, TypeError, ValueError) as error:
            raise ToolFailed(
                f"the freeze in ConfigMap {self.names.freeze} cannot be read: {type(error).__name__}: {error}",
                state="Nothing was changed.", hint="opsctl unfreeze takes it away",
            ) from error  # fmt: skip

    def write(self, freeze: Freeze) -> None:
        """Over one that is there, too. Raises NotFound where the namespace does not exist."""
        labels = {"app.kubernetes.io/name": self.names.app, "app.kubernetes.io/managed-by": "opsctl"}
        body: dict[str, Any] = {
            "apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": self.names.freeze, "labels": labels},
            "data": {_KEY: json.dumps(asdict(freeze))},
        }  # fmt: skip
        try:
            self.api.request("POST", self.names.core("configmaps"), body)
        except Conflict:
            self.api.request("PUT", self._path, body)

    def lift(self) -> None:
        """One that is not there is fine."""
        try:
            self.api.request("DELETE", self._path)
        except NotFound:
            return
