"""What the `restricted` Pod Security Standard asks of opsctl's own pods, and where they may write. Data only."""

from __future__ import annotations

from typing import Any

_USER = 10001

POD: dict[str, Any] = {
    "securityContext": {
        "runAsNonRoot": True, "runAsUser": _USER, "runAsGroup": _USER, "seccompProfile": {"type": "RuntimeDefault"},
    },
    "volumes": [{"name": "tmp", "emptyDir": {}}],
}  # fmt: skip
CONTAINER: dict[str, Any] = {
    "securityContext": {
        "allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]},
    },
    "volumeMounts": [{"name": "tmp", "mountPath": "/tmp"}],
}  # fmt: skip
