"""How long users get errors from a release that turns bad once it has them: first to last bad answer.

The load meter counts; opsctl is not asked. The same deploys give opsctl's memory.
"""

from __future__ import annotations

import json
import signal
import subprocess
import time
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from bench.measure import Goal, Row
from bench.programs import Ran, Unexpected
from bench.sandbox import OPSCTL, Sandbox

_BAD = ("deploy", "--image", "ai-agent-sdk:1.2.0", "--set", "MISBEHAVE=error_after_traffic=3", "--output", "json")
_ROLLED_BACK = 6
_LONGEST_S = 300
_SETTLE_S = 2.0


def measure(sandbox: Sandbox, rounds: int) -> list[Row]:
    sandbox.released()
    found = [_round(sandbox) for _ in range(rounds)]
    spans = tuple(span for span, _ in found)
    peaks = tuple(ran.peak_mib for _, ran in found)
    return [
        Row("bad release: seconds of errors, p50", median(spans), goal=Goal(extra=3), samples=spans),
        Row("bad release: seconds of errors, max", max(spans), goal=Goal(extra=5), samples=spans),
        Row("opsctl deploy: peak memory", max(peaks), unit="MiB", samples=peaks),
    ]


def _round(sandbox: Sandbox) -> tuple[float, Ran]:
    with TemporaryDirectory() as folder:
        report = Path(folder) / "load.json"
        meter = _start_meter(sandbox, report)
        try:
            time.sleep(_SETTLE_S)
            ran = sandbox.opsctl(*_BAD, expected=(_ROLLED_BACK,))
            time.sleep(_SETTLE_S)
        finally:
            meter.send_signal(signal.SIGINT)
            meter.wait(timeout=30)
        return _span(json.loads(report.read_text().splitlines()[-1])), ran


def _start_meter(sandbox: Sandbox, report: Path) -> subprocess.Popen[bytes]:
    words = ["sandbox", "load", "--rate", "300", "--kept", "100", "--agents", "100", "--duration", str(_LONGEST_S)]
    with report.open("wb") as out:
        argv = [OPSCTL, *words, "--output", "json", "--project", str(sandbox.project)]
        return subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.DEVNULL)


def _span(load: dict[str, Any]) -> float:
    bad = load["requests"]["total"]["bad"]
    if not bad["count"]:
        raise Unexpected("the bad release answered no request badly, so there is nothing to measure")
    return float(bad["last"] - bad["first"])
