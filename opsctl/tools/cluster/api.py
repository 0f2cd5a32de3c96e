"""One connection to the Kubernetes API, in plain JSON.

A timeout on every call, as a frozen server would hang us for ever; no silent retries; and errors that tell
"no answer" from "the answer is no".
"""

from __future__ import annotations

import gc
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from opsctl.errors import OpsError, ToolFailed, Unreachable

if TYPE_CHECKING:
    from opsctl.tools.cluster.connection import Connection

CONNECT_S, READ_S = 2.0, 5.0
_BUSY = (429, 500, 502, 503, 504)  # the server answers, but does not do: as good as no answer

JSON = "application/json"
MERGE = "application/merge-patch+json"
APPLY = "application/apply-patch+yaml"
FIELD_MANAGER = "opsctl"


class Conflict(ToolFailed):
    """Somebody else wrote the object since it was read, or made it first."""


class NotFound(ToolFailed):
    """The object does not exist."""


class Forbidden(ToolFailed):
    """These credentials may not do that."""


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes


class Api:
    """Thread-safe; connections are kept and shared."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    @property
    def server(self) -> str:
        return self.connection.server

    def credentials(self) -> Mapping[str, str]:
        """Headers that authenticate a request; empty where a client certificate does."""
        return self.connection.headers()

    def raw(
        self, method: str, path: str, *, body: bytes | None = None, headers: Mapping[str, str] | None = None,
        timeout: float = READ_S,
    ) -> Answer:  # fmt: skip
        """One request, whatever the status of its answer. Raises Unreachable if there is none in time."""
        import urllib3

        try:
            answer = self.connection.pool.request(
                method, self.server + path, body=body, headers={**self.credentials(), **(headers or {})},
                timeout=urllib3.Timeout(connect=min(CONNECT_S, timeout), read=timeout), retries=False, redirect=False,
            )  # fmt: skip
        except urllib3.exceptions.HTTPError as error:
            raise Unreachable(
                f"no answer from the cluster at {self.server}: {_cause(error)}",
                hint=f"check the network and {self.connection.source}",
            ) from error
        return Answer(answer.status, answer.headers, answer.data)

    def stream(self, path: str, silence: float) -> Iterator[bytes]:
        """Pieces of an answer that has no end, as they come; the first is empty and means that it began.

        Raises Unreachable where nothing comes for `silence` seconds or the stream breaks, ToolFailed if it is refused.
        """
        import urllib3

        try:
            answer = self.connection.pool.request(
                "GET", self.server + path, headers=self.credentials(), preload_content=False, redirect=False,
                timeout=urllib3.Timeout(connect=CONNECT_S, read=silence), retries=False,
            )  # fmt: skip
            try:
                if answer.status >= 300:
                    raise _refusal("GET", path, Answer(answer.status, answer.headers, answer.data), self.server)
                yield b""
                yield from answer.stream()
            finally:
                answer.close()
        except urllib3.exceptions.HTTPError as error:
            raise Unreachable(f"a stream from {self.server} broke: {_cause(error)}") from error

    def request(
        self, method: str, path: str, body: Any = None, *, kind: str = JSON, query: Mapping[str, str] | None = None,
        timeout: float = READ_S, accept: str = JSON,
    ) -> dict[str, Any]:  # fmt: skip
        """One API call and its object. Raises Unreachable, NotFound, Conflict, or ToolFailed for any other refusal."""
        headers = {"Accept": accept, "Accept-Encoding": "gzip", **({"Content-Type": kind} if body is not None else {})}
        data = None if body is None else json.dumps(body).encode()
        where = path + (f"?{urlencode(query)}" if query else "")
        answer = self.raw(method, where, body=data, headers=headers, timeout=timeout)
        if answer.status < 300:
            return _object(answer, where, self.server)
        raise _refusal(method, path, answer, self.server)

    def get(self, path: str, **query: str) -> dict[str, Any]:
        return self.request("GET", path, query=query)


def _object(answer: Answer, where: str, server: str) -> dict[str, Any]:
    """Raises Unreachable where something else answered than Kubernetes, as a proxy's sign-in page does."""
    try:
        found = _parsed(answer.body)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise Unreachable(f"what answers at {server} to {where} is not Kubernetes: {answer.body[:60]!r}")
    return found


def _parsed(body: bytes) -> Any:
    """Without Python's search for cycles, of which JSON has none: it takes four fifths of the time with 2,000 pods."""
    searching = gc.isenabled()
    gc.disable()
    try:
        return json.loads(body)
    finally:
        if searching:
            gc.enable()


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
        return Forbidden(text, hint=f"the credentials for {server} lack a right; ask whoever administers the cluster")
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
