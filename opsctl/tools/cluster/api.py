"""One connection to the Kubernetes API, in plain JSON.

The `kubernetes` package gives kubeconfig, credentials and TLS; its typed objects are not used, as they cost
most of a second to load. What the package lacks is added here: a timeout on every call (it has none and hangs
on a frozen server), no silent retries, and errors that tell "no answer" from "the answer is no".
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from opsctl.errors import OpsError, ToolFailed, Unreachable

CONNECT_S, READ_S = 2.0, 5.0
_CONNECTIONS = 32
_BUSY = (429, 500, 502, 503, 504)  # the server answers, but does not do: as good as no answer

JSON = "application/json"
MERGE = "application/merge-patch+json"
APPLY = "application/apply-patch+yaml"
FIELD_MANAGER = "opsctl"


class Conflict(ToolFailed):
    """Somebody else wrote the object since it was read, or made it first."""


class NotFound(ToolFailed):
    """The object does not exist."""


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes


class Api:
    """Thread-safe; connections are kept and shared."""

    def __init__(self, kubeconfig: Path | None, context: str | None) -> None:
        self._where = f"kubeconfig {kubeconfig}" if kubeconfig else "kubeconfig"
        self._configuration = _configuration(kubeconfig, context)
        from kubernetes.client.rest import RESTClientObject

        self._client = RESTClientObject(self._configuration)

    @property
    def server(self) -> str:
        return str(self._configuration.host)

    def credentials(self) -> dict[str, str]:
        """Headers that authenticate a request; empty where a client certificate does."""
        settings = self._configuration.auth_settings().values()
        return {str(s["key"]): str(s["value"]) for s in settings if s["in"] == "header"}

    def tls(self) -> Any:
        """An `ssl.SSLContext` as the API calls use, for what speaks to the server by itself (WebSockets)."""
        import ssl

        found = self._configuration
        context = ssl.create_default_context(cafile=found.ssl_ca_cert, cadata=found.ca_cert_data)
        if not found.verify_ssl:
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        if found.cert_file:
            context.load_cert_chain(found.cert_file, found.key_file)
        return context

    def raw(
        self, method: str, path: str, *, body: bytes | None = None, headers: Mapping[str, str] | None = None,
        timeout: float = READ_S,
    ) -> Answer:  # fmt: skip
        """One request, whatever the status of its answer. Raises Unreachable if there is none in time."""
        import urllib3

        try:
            answer = self._client.pool_manager.request(
                method, self.server + path, body=body, headers={**self.credentials(), **(headers or {})},
                timeout=urllib3.Timeout(connect=min(CONNECT_S, timeout), read=timeout), retries=False, redirect=False,
            )  # fmt: skip
        except urllib3.exceptions.HTTPError as error:
            raise Unreachable(
                f"no answer from the cluster at {self.server}: {_cause(error)}",
                hint=f"check the network and {self._where}",
            ) from error
        return Answer(answer.status, answer.headers, answer.data)

    def request(
        self, method: str, path: str, body: Any = None, *, kind: str = JSON, query: Mapping[str, str] | None = None,
        timeout: float = READ_S,
    ) -> dict[str, Any]:  # fmt: skip
        """One API call and its object. Raises Unreachable, NotFound, Conflict, or ToolFailed for any other refusal."""
        headers = {"Accept": JSON, **({"Content-Type": kind} if body is not None else {})}
        data = None if body is None else json.dumps(body).encode()
        where = path + (f"?{urlencode(query)}" if query else "")
        answer = self.raw(method, where, body=data, headers=headers, timeout=timeout)
        if answer.status < 300:
            found: dict[str, Any] = json.loads(answer.body)
            return found
        raise _refusal(method, path, answer, self.server)

    def get(self, path: str, **query: str) -> dict[str, Any]:
        return self.request("GET", path, query=query)


def _configuration(kubeconfig: Path | None, context: str | None) -> Any:
    from kubernetes.client.configuration import Configuration
    from kubernetes.config import load_kube_config
    from kubernetes.config.config_exception import ConfigException

    configuration = Configuration()
    try:
        load_kube_config(  # type: ignore[no-untyped-call]  # the package has no annotation there
            config_file=str(kubeconfig) if kubeconfig else None, context=context, client_configuration=configuration
        )
    except (ConfigException, OSError) as error:
        raise Unreachable(
            f"no way to the cluster: {error}",
            hint="set kubernetes.kubeconfig and kubernetes.context; on EKS `aws eks update-kubeconfig` writes "
            "that file, for the sandbox `opsctl sandbox up` does",
        ) from error
    configuration.retries = False
    configuration.connection_pool_maxsize = _CONNECTIONS
    return configuration


def _refusal(method: str, path: str, answer: Answer, server: str) -> OpsError:
    words = status_message(answer.body) or answer.body[:200].decode(errors="replace")
    text = f"the cluster answered {answer.status} to {method} {path}: {words}"
    if answer.status in _BUSY:
        return Unreachable(text, hint="try again; if it lasts, look at the API server")
    if answer.status == 404:
        return NotFound(text)
    if answer.status == 409:
        return Conflict(text)
    if answer.status in (401, 403):
        return ToolFailed(text, hint=f"the credentials for {server} lack a right; ask whoever administers the cluster")
    return ToolFailed(text)


def status_message(body: bytes) -> str:
    """The words of a Kubernetes `Status` object; empty if the body is something else, such as an application's."""
    try:
        found = json.loads(body)
    except ValueError:
        return ""
    is_status = isinstance(found, dict) and found.get("kind") == "Status"
    return str(found.get("message", "refused")) if is_status else ""


def _cause(error: Exception) -> str:
    text = str(getattr(error, "reason", None) or error)
    return text.split("): ")[-1].strip("'\")> ")
