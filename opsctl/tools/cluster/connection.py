"""How to reach an API server: its address, its certificate authority, and who asks.

Only `urllib3` is needed to speak to it, so that what runs inside the cluster stays small. Who makes a connection:
`kubeconfig` for a person's computer and CI, `incluster` for a pod.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from urllib3 import PoolManager

MAX_CONNECTIONS = 32
Headers = Callable[[], Mapping[str, str]]


@dataclass(frozen=True)
class Connection:
    """`headers` authenticates a request and is asked for each, as tokens expire; it gives none where a client
    certificate in `tls` does. `source` names where all this comes from, for hints."""

    server: str
    source: str
    tls: ssl.SSLContext
    pool: PoolManager
    headers: Headers


def connect(
    server: str, source: str, tls: ssl.SSLContext, headers: Headers, server_name: str | None = None
) -> Connection:
    """`server_name` is what the certificate has to name, where that is not the address. Nothing is sent yet."""
    from urllib3 import PoolManager

    pool = PoolManager(
        maxsize=MAX_CONNECTIONS, ssl_context=tls, server_hostname=server_name, assert_hostname=server_name
    )
    return Connection(server, source, tls, pool, headers)
