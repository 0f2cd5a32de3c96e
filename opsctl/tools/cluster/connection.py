"""How to reach an API server: its address, its certificate authority, and who asks.

Only `urllib3` is needed to speak to it, so that what runs inside the cluster stays small. Who makes a connection:
`kubeconfig` for a person's computer and CI, `incluster` for a pod.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from opsctl.errors import Unreachable

if TYPE_CHECKING:
    from urllib3 import PoolManager

MAX_CONNECTIONS = 32
Headers = Callable[[], Mapping[str, str]]


@dataclass(frozen=True)
class Connection:
    """`headers` authenticates a request and is asked for each, as tokens expire; it gives none where a client
    certificate in `tls` does. `source` names where all this comes from, for hints. `server_name` is what the
    server's certificate has to name, where that is not its address."""

    server: str
    source: str
    tls: ssl.SSLContext
    pool: PoolManager
    headers: Headers
    server_name: str | None = None

    def dial(self, limit: float) -> socket.socket:
        """A connection of its own to the server, for what is no plain request. Raises Unreachable."""
        where = urlsplit(self.server)
        host = where.hostname or ""
        try:
            dialed = socket.create_connection((host, where.port or 443), limit)
            if where.scheme == "https":
                dialed = self.tls.wrap_socket(dialed, server_hostname=self.server_name or host)
        except OSError as error:
            raise Unreachable(f"no answer from the cluster at {self.server}: {error}") from error
        dialed.settimeout(limit)
        return dialed


def connect(
    server: str, source: str, tls: ssl.SSLContext, headers: Headers, server_name: str | None = None
) -> Connection:
    """Nothing is sent yet."""
    from urllib3 import PoolManager

    pool = PoolManager(
        maxsize=MAX_CONNECTIONS, ssl_context=tls, server_hostname=server_name, assert_hostname=server_name
    )
    return Connection(server, source, tls, pool, headers, server_name)
