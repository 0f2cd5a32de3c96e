"""Queries are asked in threads beside the loop, as probes are: a server that hangs delays nobody."""

from __future__ import annotations

import queue
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Protocol

from opsctl.core.environment import Environment
from opsctl.core.queries import Figure, parse_query
from opsctl.tools import clock
from opsctl.tools.queries.cloudwatch import CloudWatch
from opsctl.tools.queries.prometheus import NoData, Prometheus

_THREADS = 4


class Source(Protocol):
    def values(self, expression: str) -> list[float]:
        """Raises NoData."""


class Asking:
    def __init__(self, sources: Mapping[str, Source]) -> None:
        self.sources = sources
        self._pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="query")
        self._figures: queue.SimpleQueue[Figure] = queue.SimpleQueue()
        self._running: set[str] = set()

    def begin(self, queries: list[str]) -> None:
        for text in queries:
            if text not in self._running:
                self._running.add(text)
                self._pool.submit(self._ask, text)

    def collect(self) -> list[Figure]:
        found = []
        while not self._figures.empty():
            found.append(self._figures.get_nowait())
        return found

    def _ask(self, text: str) -> None:
        try:
            asked = parse_query(text)
            if asked.source not in self.sources:
                raise NoData(f"{asked.source} cannot be asked from here")
            value, why = asked.worst(self.sources[asked.source].values(asked.expression)), ""
        except NoData as error:
            value, why = None, str(error)
        except Exception as error:  # a defect here must not look like a figure
            value, why = None, f"{type(error).__name__}: {error}"
        finally:
            self._running.discard(text)
        self._figures.put(Figure(clock.now(), text, value, why))


def open_queries(environment: Environment, project: Path) -> Asking:
    """Nothing is opened before the first question."""
    url = environment.release.prometheus_url or ""
    return Asking({"prometheus": Prometheus(url), "cloudwatch": CloudWatch(environment.aws, project)})
