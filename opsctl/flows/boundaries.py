"""Where a release can be cut short: before and after each write, and between a step and its outcome on record.

A process may die between any two of them, so tests make one die there. `OPSCTL_STOP_AT=HOW:BOUNDARY` stops this
process at the first such boundary; without the variable, as always outside tests, nothing happens.

    kill          SIGKILL, to itself
    term          SIGTERM, to itself
    pause=FILE    make FILE and wait until it is gone, so that a test can take the API away just here; then write
                  FILE.over, so that the same boundary, passed again, is not waited at again
"""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

VARIABLE = "OPSCTL_STOP_AT"
_TICK_S = 0.01


def passed(boundary: str) -> None:
    """Called by the flows at each: "after lock", "before phase baking", "cutover: after intent switch"."""
    how, _, where = os.environ.get(VARIABLE, "").partition(":")
    if where == boundary:
        _stop(how)


def _stop(how: str) -> None:
    if how == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    elif how == "term":
        os.kill(os.getpid(), signal.SIGTERM)
    elif how.startswith("pause="):
        _pause(Path(how.removeprefix("pause=")))
    else:
        raise ValueError(f"{VARIABLE}: kill, term or pause=FILE, not {how!r}")


def _pause(file: Path) -> None:
    over = file.with_name(f"{file.name}.over")
    if over.exists():
        return
    file.touch()
    while file.exists():
        time.sleep(_TICK_S)
    over.touch()
