"""How long users get errors from a release that turns bad once it has them: first to last bad answer.

The load meter counts; opsctl is not asked. Beside it, in turn, the lower bound: a script that reads of the meter's
first bad answer the moment it happens and patches the Service back at once. It knows what opsctl has to find out.
The same deploys give opsctl's memory.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from statistics import median

from bench.measure import Goal, Row, compared
from bench.meter import Meter
from bench.patched_back import PatchedBack
from bench.programs import Ran
from bench.sandbox import APPLICATION, Sandbox

FAULT = "MISBEHAVE=error_after_traffic=3"
_BAD = ("deploy", "--image", "ai-agent-sdk:1.2.0", "--set", FAULT, "--output", "json")
_ROLLED_BACK = 6
_SETTLE_S = 2.0


def measure(sandbox: Sandbox, rounds: int) -> list[Row]:
    sandbox.released()
    ours: list[tuple[float, Ran]] = []
    bound: list[float] = []
    with PatchedBack(sandbox, FAULT) as script:
        for number in range(rounds):
            for who in ("opsctl", "script") if number % 2 == 0 else ("script", "opsctl"):
                if who == "opsctl":
                    ours.append(_round(sandbox))
                else:
                    bound.append(script.round())
    return _rows([span for span, _ in ours], bound, [ran.peak_mib for _, ran in ours])


def _rows(spans: Sequence[float], bound: Sequence[float], peaks: Sequence[float]) -> list[Row]:
    return [
        compared("bad release: seconds of errors, p50", "patching back at once", Goal(factor=2), (spans, bound)),
        Row("bad release: seconds of errors, max", max(spans), "", max(bound), Goal(extra=3), samples=tuple(spans)),
        Row("opsctl deploy: peak memory", median(peaks), unit="MiB", samples=tuple(peaks)),
    ]


def _round(sandbox: Sandbox) -> tuple[float, Ran]:
    with Meter(sandbox, APPLICATION) as meter:
        time.sleep(_SETTLE_S)
        ran = sandbox.opsctl(*_BAD, expected=(_ROLLED_BACK,))
        time.sleep(_SETTLE_S)
    return meter.bad_span(), ran
