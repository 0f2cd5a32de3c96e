"""The load meter beside a measurement: users all the time, and what they met."""

from __future__ import annotations

import json
import signal
import subprocess
import threading
from types import TracebackType
from typing import Any

from bench.programs import Unexpected
from bench.sandbox import OPSCTL, Sandbox

_LONGEST_S = 300
_READY_S = 30.0


class Meter:
    """`with` starts it and returns once it counts; after the block `bad_span` tells."""

    def __init__(self, sandbox: Sandbox, service: str) -> None:
        words = ["sandbox", "load", "--rate", "300", "--kept", "100", "--agents", "100", "--duration", str(_LONGEST_S)]
        project = ["--service", service, "--project", str(sandbox.project)]
        self._argv = [OPSCTL, *words, "--stats", *project]
        self._counts, self.trouble = threading.Event(), threading.Event()
        self._last: dict[str, Any] = {}

    def __enter__(self) -> Meter:
        self._process = subprocess.Popen(self._argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
        self._reader = threading.Thread(target=self._read)
        self._reader.start()
        if not self._counts.wait(_READY_S):
            self._process.kill()
            raise Unexpected("the load meter did not start")
        return self

    def __exit__(self, *failure: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._process.send_signal(signal.SIGINT)
        self._process.wait(timeout=30)
        self._reader.join()

    def bad_span(self) -> float:
        """Seconds from the first bad or lost answer to the last."""
        total = self._last["requests"]["total"]
        spans = [span for span in (total["bad"], total["lost"]) if span["count"]]
        if not total["bad"]["count"]:
            raise Unexpected("the bad release answered no request badly, so there is nothing to measure")
        return float(max(span["last"] for span in spans) - min(span["first"] for span in spans))

    def _read(self) -> None:
        """`trouble` is set the moment the first request is answered badly or lost."""
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._last = json.loads(line)
            self._counts.set()
            if self._last["event"] == "trouble":
                self.trouble.set()
