"""Whether Secrets are there, and which keys they have. Their values are nobody's business here.

Kubernetes notes beside an object who wrote which field, and gives that note without the object: it tells the keys
without the values. Where the note says too little, as it may be shortened, the Secret itself is read and all but its
keys dropped at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from opsctl.core.secrets import Keys
from opsctl.tools.cluster.api import Api, Forbidden, NotFound
from opsctl.tools.cluster.names import Names

_METADATA = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1"


def secret_keys(api: Api, names: Names, wanted: Mapping[str, Keys]) -> dict[str, Keys | None]:
    """The keys of each Secret that exists; None for one that may not be read. Raises Unreachable, ToolFailed."""
    found: dict[str, Keys | None] = {}
    for name, keys in wanted.items():
        try:
            found[name] = _keys(api, names.core("secrets", name), keys)
        except NotFound:
            continue
        except Forbidden:
            found[name] = None
    return found


def _keys(api: Api, path: str, wanted: Keys) -> Keys:
    noted = _noted(api.request("GET", path, accept=_METADATA)["metadata"])
    return noted if wanted <= noted else Keys(api.get(path).get("data") or {})


def _noted(metadata: dict[str, Any]) -> Keys:
    """The keys of `data` that anybody is noted to have written."""
    fields = [entry.get("fieldsV1", {}).get("f:data", {}) for entry in metadata.get("managedFields", ())]
    return Keys(name.removeprefix("f:") for each in fields for name in each if name.startswith("f:"))
