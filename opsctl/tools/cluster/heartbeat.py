"""How late this computer itself is: a probe that timed out while we got no processor says nothing about a pod."""

from __future__ import annotations

import threading
import time
from collections import deque

from opsctl.tools import clock

_BEAT_S = 0.05
_KEPT = 600  # beats: half a minute, longer than any probe waits


class Heartbeat:
    """Beats from the first question on, in a thread that ends with the process."""

    def __init__(self) -> None:
        self._asleep_since: float | None = None
        self._late: deque[tuple[float, float]] = deque(maxlen=_KEPT)
        self._thread = threading.Thread(target=self._beat, name="heartbeat", daemon=True)
        self._begin = threading.Lock()

    def start(self) -> None:
        with self._begin:
            if not self._thread.is_alive():
                self._thread.start()

    def late_since(self, started: float) -> float:
        """Seconds that beats came late since then, together, the one that is due among them: whoever asks may be awake
        before it. `started` by the clock of the system."""
        due = self._asleep_since
        pending = max(0.0, clock.now() - max(due, started) - _BEAT_S) if due is not None else 0.0
        return pending + sum(late for at, late in tuple(self._late) if at >= started)

    def _beat(self) -> None:
        while True:
            before = self._asleep_since = clock.now()
            time.sleep(_BEAT_S)
            now = clock.now()
            self._late.append((now, max(0.0, now - before - _BEAT_S)))
