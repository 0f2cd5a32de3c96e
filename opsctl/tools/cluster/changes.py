"""Watches: they say when to look, never what is so.

A watch may be late, tell things twice, or be cut off, so nothing is read from its events: any byte is a reason to
look, and a look reads the cluster itself. While a stream is down, everything may have changed at any time, so that
one looks often. One that begins anew tells all that is there, so nothing is missed in between.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from urllib.parse import urlencode

from opsctl.errors import OpsError
from opsctl.tools.cluster.api import Api
from opsctl.tools.cluster.names import Names

STREAM_S = 240  # the server ends a stream after this, so that a dead one is not believed for ever
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.2, 5.0
TOLD_S, UNTOLD_S = 4.0, 0.5  # a snapshot serves so long while every stream is open, and while one is not


class ClusterChanges:
    """Streams are opened by the first `wait`: who looks once needs none."""

    def __init__(self, api: Api, names: Names) -> None:
        self._bell, self._stirred = threading.Event(), threading.Event()
        self._watches = [Watch(api, path, self._on_change) for path in _paths(names)]
        self._began = False

    def ring(self) -> None:
        """Wake up whoever waits. From any thread."""
        self._bell.set()

    def wait(self, seconds: float) -> None:
        if not self._began:
            self._began = True
            for watch in self._watches:
                watch.start()
        self._bell.wait(seconds)
        self._bell.clear()

    def stirred(self) -> bool:
        stirred = self._stirred.is_set()
        self._stirred.clear()
        return stirred

    @property
    def serves_s(self) -> float:
        return TOLD_S if all(watch.open for watch in self._watches) else UNTOLD_S

    def _on_change(self) -> None:
        self._stirred.set()
        self._bell.set()


class Watch(threading.Thread):
    """One stream, begun again whenever it ends. It ends with the process."""

    def __init__(self, api: Api, path: str, on_change: Callable[[], None]) -> None:
        super().__init__(name=f"watch {path}", daemon=True)
        self.api, self.path, self.on_change = api, path, on_change
        self.open = False
        self._closed = threading.Event()
        self._pause = FIRST_PAUSE_S

    def run(self) -> None:
        while not self._closed.is_set():
            try:
                self._follow()
            except OpsError:  # silent or refused: the loop looks without being told
                self._pause = min(2 * self._pause, LONGEST_PAUSE_S)
            self.open = False
            self.on_change()
            self._closed.wait(self._pause)

    def close(self) -> None:
        """Begin no further stream."""
        self._closed.set()

    def _follow(self) -> None:
        for _ in self.api.stream(self.path, STREAM_S + 10.0):
            self.open = True
            self.on_change()
        self._pause = FIRST_PAUSE_S


def _paths(names: Names) -> list[str]:
    services = ",".join([*names.actives(), *names.colored()])
    return [
        _watch(names.core("pods"), labelSelector=names.selector),
        _watch(names.apps("deployments"), labelSelector=names.selector),
        _watch(names.discovery("endpointslices"), labelSelector=f"kubernetes.io/service-name in ({services})"),
        *(_watch(names.core("services"), fieldSelector=f"metadata.name={name}") for name in names.actives()),
    ]


def _watch(path: str, **query: str) -> str:
    return f"{path}?{urlencode({'watch': '1', 'timeoutSeconds': str(STREAM_S), **query})}"
