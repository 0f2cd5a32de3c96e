"""The port `Settings`: one immutable ConfigMap for each content."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

from opsctl.core.release import Rollout
from opsctl.core.settings import Stored, config_map
from opsctl.errors import ToolFailed
from opsctl.tools.cluster.api import FIELD_MANAGER, MERGE, Api, Conflict, NotFound
from opsctl.tools.cluster.fence import unlocked
from opsctl.tools.cluster.names import Names

RELEASE_ANNOTATION = "opsctl/release"  # the newest rollout that these settings were for
_LABEL = {"opsctl/record": "settings"}  # by this label opsctl knows what it made, and may delete


class ConfigMapSettings:
    """`still_ours` makes sure of the lock, as `Lock.check` does."""

    def __init__(self, api: Api, names: Names, still_ours: Callable[[], None] = unlocked) -> None:
        self.api, self.names, self.still_ours = api, names, still_ours

    def ensure(self, rollout: Rollout) -> None:
        if not rollout.settings:
            return
        body = config_map(self.names.app, rollout.settings)
        body["metadata"] |= {"annotations": {RELEASE_ANNOTATION: str(rollout.id)}}
        body["metadata"]["labels"] |= _LABEL
        try:
            self.api.request("POST", self.names.core("configmaps"), body)
        except Conflict:
            self._take(body)

    def _take(self, body: dict[str, Any]) -> None:
        """Use one that is there. To note for which release makes it another version: a former holder of the lock that
        wakes up while it deletes what was old for it names a version that is gone."""
        path = self.names.core("configmaps", body["metadata"]["name"])
        self._refuse_another(body, self.api.get(path))
        patch = {"metadata": {"annotations": body["metadata"]["annotations"]}}
        self.api.request("PATCH", path, patch, kind=MERGE, query={"fieldManager": FIELD_MANAGER})

    def _refuse_another(self, body: dict[str, Any], found: dict[str, Any]) -> None:
        """One that may still be changed does not keep what a release was tried with, though it says the same today."""
        name = body["metadata"]["name"]
        if (found.get("data"), found.get("immutable")) != (body["data"], True):
            raise ToolFailed(
                f"ConfigMap {name} is not what opsctl writes under that name: somebody else made it",
                hint=f"kubectl delete configmap {name} -n {self.names.namespace}",
            )

    def stored(self) -> list[Stored]:
        selector = f"{self.names.selector},opsctl/record={_LABEL['opsctl/record']}"
        found = self.api.get(self.names.core("configmaps"), labelSelector=selector)["items"]
        return [_stored(item["metadata"]) for item in found if item["metadata"]["name"].startswith(self._prefix)]

    def used(self) -> frozenset[str]:
        """Whatever Deployment or pod it is, and wherever in it the name stands."""
        paths = (self.names.apps("deployments"), self.names.core("pods"))
        texts = {text for path in paths for item in self.api.get(path)["items"] for text in _texts(item["spec"])}
        return frozenset(text.removeprefix(self._prefix) for text in texts if text.startswith(self._prefix))

    def delete(self, gone: Stored) -> None:
        self.still_ours()
        same = {"uid": gone.uid, "resourceVersion": gone.version}
        body = {"kind": "DeleteOptions", "apiVersion": "v1", "preconditions": same}
        with suppress(NotFound):
            self.api.request("DELETE", self.names.core("configmaps", f"{self._prefix}{gone.digest}"), body)

    @property
    def _prefix(self) -> str:
        return f"{self.names.app}-settings-"


def _stored(metadata: dict[str, Any]) -> Stored:
    return Stored(metadata["name"].rpartition("-")[2], metadata["uid"], metadata["resourceVersion"])


def _texts(value: Any) -> Iterator[str]:
    """Each text anywhere in a value of JSON."""
    if isinstance(value, str):
        yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _texts(inner)
