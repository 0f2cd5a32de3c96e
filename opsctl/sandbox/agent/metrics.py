"""Counters of one process, written in the Prometheus text format.

Users and health checks are told apart, because a drain asks "does any *user* still come here?": `path` is the label of
HTTP requests, and opsctl's own WebSocket probes have series of their own.
"""

from __future__ import annotations

import time
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator

BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0)
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Histogram:
    """Counts by bucket, not yet added up; the last one is +Inf."""

    def __init__(self) -> None:
        self.counts = [0] * (len(BUCKETS) + 1)
        self.sum = 0.0

    def observe(self, seconds: float) -> None:
        self.counts[bisect_left(BUCKETS, seconds)] += 1
        self.sum += seconds


class Metrics:
    """`websocket_*` count users only; probes are in `websocket_probe_*`."""

    def __init__(self, version: str, color: str) -> None:
        self._info = f'app_info{{version="{_escape(version)}",color="{_escape(color)}"}} 1'
        self._started = time.time()
        self._requests: Counter[tuple[str, str, int]] = Counter()
        self._durations: dict[tuple[str, str], Histogram] = {}
        self._connections = 0
        self.websocket_refusals: Counter[str] = Counter()
        self.websocket_connections = 0
        self.websocket_accepts = 0
        self.websocket_messages = 0
        self.websocket_probe_connections = 0
        self.websocket_probe_accepts = 0

    def connected(self) -> None:
        """Count one new connection to the API port."""
        self._connections += 1

    def request(self, service: str, path: str, code: int, seconds: float) -> None:
        """Count one answered request. `path` must be one of a known few: each is a series."""
        self._requests[service, path, code] += 1
        self._durations.setdefault((service, path), Histogram()).observe(seconds)

    def render(self) -> str:
        return "\n".join((*self._scalars(), *self._request_lines(), *self._duration_lines(), ""))

    def _scalars(self) -> Iterator[str]:
        yield from ("# TYPE app_info gauge", self._info)
        for name, kind, value in (
            ("process_start_time_seconds", "gauge", self._started),
            ("http_connections_total", "counter", self._connections),
            ("websocket_connections", "gauge", self.websocket_connections),
            ("websocket_accepts_total", "counter", self.websocket_accepts),
            ("websocket_messages_total", "counter", self.websocket_messages),
            ("websocket_probe_connections", "gauge", self.websocket_probe_connections),
            ("websocket_probe_accepts_total", "counter", self.websocket_probe_accepts),
        ):
            yield from (f"# TYPE {name} {kind}", f"{name} {value}")
        yield "# TYPE websocket_refusals_total counter"
        for reason, count in self.websocket_refusals.items():
            yield f'websocket_refusals_total{{reason="{reason}"}} {count}'

    def _request_lines(self) -> Iterator[str]:
        yield "# TYPE http_requests_total counter"
        for (service, path, code), count in self._requests.items():
            yield f'http_requests_total{{service="{service}",path="{path}",code="{code}"}} {count}'

    def _duration_lines(self) -> Iterator[str]:
        name = "http_request_duration_seconds"
        yield f"# TYPE {name} histogram"
        for (service, path), histogram in self._durations.items():
            labels, total = f'service="{service}",path="{path}"', 0
            for bound, count in zip((*map(str, BUCKETS), "+Inf"), histogram.counts, strict=True):
                total += count
                yield f'{name}_bucket{{{labels},le="{bound}"}} {total}'
            yield f"{name}_sum{{{labels}}} {histogram.sum:.6f}"
            yield f"{name}_count{{{labels}}} {total}"


def _escape(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
