"""The connection of a pod: the address and the certificate authority that Kubernetes gives each, and its token."""

from __future__ import annotations

import os
import ssl
from collections.abc import Mapping
from pathlib import Path

from opsctl.errors import Unreachable
from opsctl.tools.cluster.connection import Connection, connect

FOLDER = Path("/var/run/secrets/kubernetes.io/serviceaccount")


def connect_in_cluster(variables: Mapping[str, str] | None = None, folder: Path = FOLDER) -> Connection:
    """Raises Unreachable where this is no pod, or one without a service account's token."""
    found = os.environ if variables is None else variables
    host, port = found.get("KUBERNETES_SERVICE_HOST", ""), found.get("KUBERNETES_SERVICE_PORT", "443")
    token = folder / "token"
    try:
        tls = ssl.create_default_context(cafile=str(folder / "ca.crt"))
        token.read_text()
    except OSError as error:
        raise Unreachable(
            f"this is no pod of a service account: {error}", hint="the guard runs inside the cluster only"
        ) from error
    address = f"[{host}]" if ":" in host else host

    def headers() -> Mapping[str, str]:
        return {"authorization": f"Bearer {token.read_text().strip()}"}  # Kubernetes rotates it in its file

    return connect(f"https://{address}:{port}", "the pod's service account", tls, headers)
