"""Requests one at a time, and each change on disk before its answer leaves.

So whatever a client was told survives `kill -9` at any moment. What it was not told yet is there as a whole or not at
all, as with AWS when a connection breaks. (A loss of power may take the last seconds: nothing waits for the platter.)
"""

from __future__ import annotations

import io
import re
import threading
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import parse_qs

_READING = re.compile(r"(BatchGet|Describe|Get|Head|List|Lookup|Query|Scan|Select)[A-Z]")

WsgiApp = Callable[[dict[str, Any], Any], Iterable[bytes]]


class Durable:
    """The WSGI application `app`, with `save` called after each request that may have changed something.

    Whoever holds `turn` knows that no request is in progress.
    """

    def __init__(self, app: WsgiApp, save: Callable[[], None]) -> None:
        self._app = app
        self._save = save
        self.turn = threading.Lock()

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        body = _take_body(environ)  # before the turn: a client that stalls holds up nobody
        with self.turn:
            answer = list(self._app(environ, start_response))
            if may_change(environ, body):
                self._save()
        return answer


def may_change(environ: dict[str, Any], body: bytes) -> bool:
    """Whether a request may change state; when in doubt, it may. Asked of the method, then of the operation's name."""
    if environ["REQUEST_METHOD"] in ("GET", "HEAD", "OPTIONS"):
        return False
    operation = environ.get("HTTP_X_AMZ_TARGET", "").rpartition(".")[2] or _operation_in_form(environ, body)
    return not _READING.match(operation)


def _operation_in_form(environ: dict[str, Any], body: bytes) -> str:
    if not environ.get("CONTENT_TYPE", "").startswith("application/x-www-form-urlencoded"):
        return ""
    return parse_qs(body.decode("utf-8", "replace")).get("Action", [""])[0]


def _take_body(environ: dict[str, Any]) -> bytes:
    """The whole body, which stays readable. Without a length (chunked) it is left to moto, and empty here."""
    if not environ.get("CONTENT_LENGTH"):
        return b""
    body: bytes = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
    environ["wsgi.input"] = io.BytesIO(body)
    return body
