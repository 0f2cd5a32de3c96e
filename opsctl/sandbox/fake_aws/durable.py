"""Requests one at a time, and each change on disk before its answer leaves.

So whatever a client was told survives `kill -9` at any moment; a change in progress is there as a whole or not at all.
(Not on the disk's platter: losing power may lose the last seconds.)
"""

from __future__ import annotations

import io
import re
import threading
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import parse_qs

_READING = re.compile(r"(Describe|List|Get|Head|BatchGet|Lookup|Select|Query|Scan)[A-Z]")

WsgiApp = Callable[[dict[str, Any], Any], Iterable[bytes]]


def durable(app: WsgiApp, save: Callable[[], None]) -> WsgiApp:
    """`app` with one request at a time, and `save` called after each that may have changed something."""
    lock = threading.Lock()

    def answer(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        changing = may_change(environ)
        with lock:
            parts = list(app(environ, start_response))
            if changing:
                save()
        return parts

    return answer


def may_change(environ: dict[str, Any]) -> bool:
    """Whether a request may change state. When in doubt it may. Reads the body and puts it back."""
    if environ["REQUEST_METHOD"] in ("GET", "HEAD", "OPTIONS"):
        return False
    action = environ.get("HTTP_X_AMZ_TARGET", "").rpartition(".")[2] or _action_in_form(environ)
    return not _READING.match(action)


def _action_in_form(environ: dict[str, Any]) -> str:
    if not environ.get("CONTENT_TYPE", "").startswith("application/x-www-form-urlencoded"):
        return ""
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    environ["wsgi.input"] = io.BytesIO(body)
    return parse_qs(body.decode("utf-8", "replace")).get("Action", [""])[0]
