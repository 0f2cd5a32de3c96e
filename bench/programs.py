"""Starting programs and taking their time and memory."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_TICK_S = 0.05


@dataclass(frozen=True)
class Ran:
    """`peak_mib` is the program's own memory at its largest, without the programs that it started in turn."""

    exit_code: int
    stdout: str
    seconds: float
    peak_mib: float


class Unexpected(Exception):
    """A program ended otherwise than a measurement needs; the text says how."""


def run(
    argv: Sequence[str], *, expected: Sequence[int] = (0,), env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
) -> Ran:  # fmt: skip
    """Run to the end. Raises Unexpected with the last lines of stderr for another exit code."""
    started, peak = time.perf_counter(), 0.0
    with subprocess.Popen(
        argv, env=env, cwd=cwd, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as child:
        while True:
            try:
                stdout, stderr = child.communicate(timeout=_TICK_S)
                break
            except subprocess.TimeoutExpired:
                peak = _peak_mib(child.pid) or peak
    seconds = time.perf_counter() - started
    if child.returncode not in expected:
        tail = "\n".join(stderr.strip().splitlines()[-5:])
        raise Unexpected(f"{' '.join(argv)}\nended with exit code {child.returncode}\n{tail}")
    return Ran(child.returncode, stdout, seconds, peak)


def _peak_mib(pid: int) -> float:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM")), 0.0)
