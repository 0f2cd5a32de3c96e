"""A release's settings as one object that never changes: what it is called, what it is, and which old ones may go.

The name is made of the content. So going back to a release brings its settings back, releases with the same settings
share them, and nobody can change what a release runs with under its name.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from opsctl.core.release import Rollout


@dataclass(frozen=True)
class Stored:
    """Settings that opsctl made. `version` is for deleting these and no others."""

    digest: str
    uid: str
    version: str


def settings_digest(settings: Mapping[str, str]) -> str:
    """Ten hexadecimal digits that tell these settings from others; empty where there are none."""
    canonical = json.dumps(dict(settings), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()[:10] if settings else ""


def settings_name(app: str, settings: Mapping[str, str]) -> str:
    """Of the ConfigMap; empty where there are no settings, as then there is none."""
    return f"{app}-settings-{settings_digest(settings)}" if settings else ""


def config_map(app: str, settings: Mapping[str, str]) -> dict[str, Any]:
    """As Kubernetes wants it, without a namespace and without what would let opsctl delete it."""
    labels = {"app.kubernetes.io/name": app, "app.kubernetes.io/managed-by": "opsctl"}
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": settings_name(app, settings), "labels": labels},
        "immutable": True,
        "data": dict(settings),
    }


def collectable(stored: Iterable[Stored], past: Iterable[Rollout], used: Collection[str]) -> list[Stored]:
    """Those that no record can bring back and nothing runs with. `used`: digests that Deployments and pods refer to."""
    remembered = {settings_digest(rollout.settings) for rollout in past}
    return [each for each in stored if each.digest not in remembered and each.digest not in used]
