"""An eye from outside on one Service: when its selector was written, and who answers at its node port since when.

The same eye looks at opsctl's cutover and at kubectl's, so neither is judged by its own clock.
"""

from __future__ import annotations

import http.client
import subprocess
import threading
import time
from collections.abc import Callable
from types import TracebackType

from bench.sandbox import Sandbox

_COLOR = "opsctl/color"
_TICK_S = 0.001
_LIMIT_S = 30.0


class Observer:
    """Watches while it is entered. Times are of this computer, in seconds since 1970."""

    def __init__(self, sandbox: Sandbox, service: str, node_port: int) -> None:
        path = _COLOR.replace(".", "\\.")
        self._argv = sandbox.kubectl(
            "get", "service", service, "--watch", "--output", f'jsonpath={{.spec.selector.{path}}}{{"\\n"}}'
        )
        self._address = (sandbox.state()["address"], node_port)
        self._written: list[tuple[float, str]] = []
        self._answered: list[tuple[float, str]] = []
        self._ended = threading.Event()

    def __enter__(self) -> Observer:
        self._watch = subprocess.Popen(self._argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
        self._threads = [threading.Thread(target=self._read), threading.Thread(target=self._ask)]
        for thread in self._threads:
            thread.start()
        self._await(lambda: bool(self._written and self._answered))
        return self

    def __exit__(self, *failure: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._ended.set()
        self._watch.terminate()
        self._watch.wait()
        for thread in self._threads:
            thread.join()

    def other_color(self) -> str:
        """The one that the selector does not choose now."""
        return "green" if self._written[-1][1] == "blue" else "blue"

    def seconds_to(self, color: str) -> float:
        """From the write that chose `color` to its first answer. Waits for it; call while watching."""
        self._await(lambda: self._written[-1][1] == color == self._answered[-1][1])
        (before, _), (written, _) = self._written[-2:]
        return next(at for at, found in self._answered if found == color and at > before) - written

    def _read(self) -> None:
        assert self._watch.stdout is not None
        for line in self._watch.stdout:
            _note(self._written, line.strip())

    def _ask(self) -> None:
        while not self._ended.is_set():
            color = self._answer()
            if color:
                _note(self._answered, color)
            time.sleep(_TICK_S)

    def _answer(self) -> str | None:
        """The color of one answer on a fresh connection, None where there was none."""
        connection = http.client.HTTPConnection(*self._address, timeout=1)
        try:
            connection.request("GET", "/health", headers={"User-Agent": "opsctl-probe", "Connection": "close"})
            return connection.getresponse().getheader("x-app-color")
        except (OSError, http.client.HTTPException):
            return None
        finally:
            connection.close()

    def _await(self, condition: Callable[[], bool]) -> None:
        deadline = time.monotonic() + _LIMIT_S
        while not condition():
            if time.monotonic() > deadline:
                raise TimeoutError(
                    f"nothing came of it in {_LIMIT_S:.0f} s: {self._written[-1:]} {self._answered[-1:]}"
                )
            time.sleep(0.01)


def _note(seen: list[tuple[float, str]], color: str) -> None:
    """Only changes are kept."""
    if not seen or seen[-1][1] != color:
        seen.append((time.time(), color))
