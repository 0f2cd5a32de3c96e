"""What the API port and the metrics port answer."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from http import HTTPStatus
from math import inf
from urllib.parse import parse_qs

from .faults import Faults
from .http1 import Request, Response
from .metrics import CONTENT_TYPE, Metrics

PROBE_AGENT = "opsctl-probe"
_KNOWN_PATHS = ("/health", "/version", "/work")
SOME = 20  # one of so many, for `some_work_error`
MAX_WITHIN_S = 600
_ROUNDS = 50  # of hashing for one /work: about 30 µs


def is_probe(user_agent: str) -> bool:
    """opsctl's own requests name themselves, so that they never count as users."""
    return user_agent.startswith(PROBE_AGENT)


def label_of(path: str) -> str:
    """Unknown paths share one label, or anybody could make as many series as they like."""
    return path if path in _KNOWN_PATHS else "other"


class Routes:
    def __init__(
        self,
        identity: Mapping[str, str],
        metrics: Metrics,
        faults: Faults,
        slow_s: float,
        let_go: Callable[[int, float], int] = lambda count, within_s: 0,
    ) -> None:
        """`let_go` closes so many WebSockets within so many seconds, and tells how many it will."""
        self._identity, self._metrics, self._faults, self._slow_s = (
            dict(identity),
            metrics,
            faults,
            slow_s,
        )
        self._let_go = let_go
        self._works = 0

    def api(self, request: Request) -> Response:
        if request.method not in ("GET", "HEAD"):
            return _json(HTTPStatus.METHOD_NOT_ALLOWED, {"error": "only GET and HEAD"})
        if request.path == "/work":
            return self._work(request)
        if request.path == "/health":
            return self._health()
        if request.path == "/version":
            return _json(HTTPStatus.OK, self._identity)
        if request.path == "/misbehave" and self._faults.told(_seconds(request.query)):
            return _json(HTTPStatus.OK, self._identity)
        return _json(
            HTTPStatus.NOT_FOUND,
            {"error": f"no such path; there are {', '.join(_KNOWN_PATHS)}"},
        )

    def metrics(self, request: Request) -> Response:
        if request.path == "/drain":
            return self._drain(request)
        if request.path != "/metrics":
            return _json(HTTPStatus.NOT_FOUND, {"error": "no such path; there are /metrics and /drain"})
        if self._faults.active("break_metrics"):
            return Response(
                HTTPStatus.OK,
                b"<html>metrics are broken on request</html>\n",
                "text/html",
            )
        return Response(HTTPStatus.OK, self._metrics.render().encode(), CONTENT_TYPE)

    def _drain(self, request: Request) -> Response:
        """`POST /drain?n=COUNT&within=SECONDS`. On this port, as it is never public."""
        if request.method != "POST":
            return _json(HTTPStatus.METHOD_NOT_ALLOWED, {"error": "only POST"})
        try:
            words = parse_qs(request.query, strict_parsing=True)
            count, within_s = int(words["n"][-1]), float(words.get("within", ["0"])[-1])
        except (KeyError, ValueError):
            count, within_s = -1, 0.0
        if count < 0 or not 0 <= within_s <= MAX_WITHIN_S:
            return _json(HTTPStatus.BAD_REQUEST, {"error": f"n=COUNT, and within=SECONDS up to {MAX_WITHIN_S}"})
        return _json(HTTPStatus.OK, {"letting_go": str(self._let_go(count, within_s)), **self._identity})

    def health_status(self) -> HTTPStatus:
        """Of the process as a whole, as both ports report it."""
        return HTTPStatus.SERVICE_UNAVAILABLE if self._faults.active("never_ready") else HTTPStatus.OK

    def _health(self) -> Response:
        failing = self._faults.active("error")
        status = HTTPStatus.INTERNAL_SERVER_ERROR if failing else self.health_status()
        body = {
            "status": "ok" if status == HTTPStatus.OK else "failing",
            **self._identity,
        }
        return _json(status, body, self._slow_s if self._faults.active("slow") else 0.0)

    def _work(self, request: Request) -> Response:
        """`?n=` comes back in the answer, so that a client can tell its own answer from another's."""
        if not is_probe(request.headers.get("user-agent", "")):
            self._faults.saw_traffic()
        slow = self._faults.active("slow") or self._faults.active("work_slow")
        delay_s = self._slow_s if slow else 0.0
        self._works += 1
        unlucky = self._works % SOME == 0 and self._faults.active("some_work_error")
        if unlucky or self._faults.active("error") or self._faults.active("work_error"):
            return _json(
                HTTPStatus.INTERNAL_SERVER_ERROR,
                {"error": "failing on request", **self._identity},
                delay_s,
            )
        nonce = request.query.partition("n=")[2].partition("&")[0]
        return _json(
            HTTPStatus.OK,
            {"n": nonce, "digest": _digest(nonce), **self._identity},
            delay_s,
        )


def _json(status: HTTPStatus, body: Mapping[str, str], delay_s: float = 0.0) -> Response:
    return Response(status, json.dumps(body).encode() + b"\n", delay_s=delay_s)


def _seconds(query: str) -> float:
    """Of `for=SECONDS`; without it, or with something else, without end."""
    try:
        return float(query.removeprefix("for="))
    except ValueError:
        return inf


def _digest(nonce: str) -> str:
    value = nonce.encode()
    for _ in range(_ROUNDS):
        value = hashlib.sha256(value).digest()
    return value.hex()
