"""The part of a Kubernetes API that the adapters use, in memory: objects by path, versions, refusals, lost answers."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from typing import Any

from opsctl.errors import Unreachable
from opsctl.tools.cluster.api import Answer, Conflict, NotFound

_LISTS = ("configmaps", "pods", "deployments", "endpointslices", "events", "nodes", "resourcequotas", "secrets")


class KubeStore:
    """Stands in for `Api`. `broken` is asked before and after each call: `broken("after PUT /path")`."""

    server = "https://cluster.test"

    def __init__(self, *namespaces: str) -> None:
        self.objects: dict[str, dict[str, Any]] = {f"/api/v1/namespaces/{name}": {} for name in namespaces}
        self.answers: dict[str, Answer] = {}
        self.calls: list[str] = []
        self.broken: Callable[[str], None] = lambda call: None
        self._version = 0

    def credentials(self) -> dict[str, str]:
        return {}

    def get(self, path: str, **query: str) -> dict[str, Any]:
        return self.request("GET", path, query=query)

    def raw(self, method: str, path: str, **options: Any) -> Answer:
        self.broken(f"before {method} {path}")
        return self.answers.get(path, Answer(404, {}, b""))

    def request(
        self, method: str, path: str, body: Any = None, *, kind: str = "", query: Mapping[str, str] | None = None,
        timeout: float = 5.0, accept: str = "",
    ) -> dict[str, Any]:  # fmt: skip
        self.calls.append(f"{method} {path}")
        self.broken(f"before {method} {path}")
        answer: dict[str, Any] = getattr(self, f"_{method.lower()}")(path, copy.deepcopy(body), query or {})
        self.broken(f"after {method} {path}")
        if "PartialObjectMetadata" in accept:
            answer = {"metadata": answer["metadata"]}
        return copy.deepcopy(answer)

    def put_there(self, path: str, stored: dict[str, Any]) -> None:
        """Somebody else's write."""
        self._store(path, copy.deepcopy(stored))

    def _get(self, path: str, body: Any, query: Mapping[str, str]) -> dict[str, Any]:
        if path in self.objects:
            return self.objects[path]
        if path.rpartition("/")[2] in _LISTS:
            return {"items": [found for at, found in self.objects.items() if at.rpartition("/")[0] == path]}
        raise NotFound(f"{path} not found")

    def _post(self, path: str, body: Any, query: Mapping[str, str]) -> dict[str, Any]:
        where = f"{path}/{body['metadata']['name']}"
        namespace = path.rpartition("/")[0]
        if (
            "/namespaces/" in namespace
            and namespace.replace("apis/coordination.k8s.io/v1", "api/v1") not in self.objects
        ):
            raise NotFound(f"{namespace} not found")
        if where in self.objects:
            raise Conflict(f"{where} exists")
        body["metadata"].setdefault("uid", f"uid-of-{where}")
        return self._store(where, body)

    def _put(self, path: str, body: Any, query: Mapping[str, str]) -> dict[str, Any]:
        if path not in self.objects and "/leases/" in path:  # could be made by a PUT, if it named no version
            raise Conflict("Precondition failed: UID in precondition")
        self._compare(path, body)
        return self._store(path, body)

    def _patch(self, path: str, body: Any, query: Mapping[str, str]) -> dict[str, Any]:
        self._compare(path, body)
        if query.get("dryRun"):
            return _merged(self.objects[path], body)
        return self._store(path, _merged(copy.deepcopy(self.objects[path]), body))

    def _delete(self, path: str, body: Any, query: Mapping[str, str]) -> dict[str, Any]:
        self._compare(path, {"metadata": (body or {}).get("preconditions", {})})
        return self.objects.pop(path)

    def _compare(self, path: str, body: Any) -> None:
        if path not in self.objects:
            raise NotFound(f"{path} not found")
        wanted, found = body.get("metadata", {}), self.objects[path]["metadata"]
        for key in ("resourceVersion", "uid"):
            if wanted.get(key) is not None and wanted[key] != found.get(key):
                raise Conflict(f"the object has been modified: {key}")

    def _store(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        self._version += 1
        body.setdefault("metadata", {})["resourceVersion"] = str(self._version)
        self.objects[path] = body
        return body


def _merged(old: Any, new: Any) -> Any:
    """A JSON merge patch: null takes a key away."""
    if not isinstance(old, dict) or not isinstance(new, dict):
        return new
    both = {**old, **{key: _merged(old.get(key), value) for key, value in new.items()}}
    return {key: value for key, value in both.items() if value is not None}


def lose_answer(store: KubeStore, call: str) -> None:
    """The next such call is done, but its answer never comes."""

    def broken(at: str) -> None:
        if at == f"after {call}":
            store.broken = lambda call: None
            raise Unreachable("the connection broke")

    store.broken = broken
