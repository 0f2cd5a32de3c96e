"""A few calls to the sandbox's own API server: standard library only, to spare `up` a slow import."""

from __future__ import annotations

import base64
import http.client
import json
import ssl
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from opsctl.errors import Unreachable
from opsctl.sandbox import folder

_TIMEOUT_S = 5.0


@dataclass(frozen=True)
class Api:
    """`call` returns status code and parsed body."""

    host: str
    port: int
    context: ssl.SSLContext

    def call(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """One request on a fresh connection. Raises Unreachable when there is no answer."""
        connection = http.client.HTTPSConnection(self.host, self.port, timeout=_TIMEOUT_S, context=self.context)
        try:
            connection.request(method, path, json.dumps(body) if body else None, {"Content-Type": "application/json"})
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read() or "null")
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise Unreachable(f"no answer from the sandbox's API server: {error}") from error
        finally:
            connection.close()

    def get(self, path: str) -> Any:
        """The parsed body, or None when there is no such object."""
        code, body = self.call("GET", path)
        return body if code == 200 else None


def connect(kubeconfig: Path) -> Api:
    """A client with the certificate of a kubeconfig that this package wrote."""
    config = folder.read_json(kubeconfig)
    cluster, user = config["clusters"][0]["cluster"], config["users"][0]["user"]
    context = ssl.create_default_context(cadata=_text(cluster["certificate-authority-data"]))
    with tempfile.NamedTemporaryFile("w") as pair:  # ssl reads certificates from files only
        pair.write(_text(user["client-certificate-data"]) + _text(user["client-key-data"]))
        pair.flush()
        context.load_cert_chain(pair.name)
    server = urlsplit(cluster["server"])
    return Api(server.hostname or "", server.port or 443, context)


def _text(data: str) -> str:
    return base64.b64decode(data).decode()
