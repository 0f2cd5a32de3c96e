"""`opsctl --help` against importing the library that makes it."""

from __future__ import annotations

import sys

from bench.measure import Goal, Row, alternate, compared
from bench.programs import run
from bench.sandbox import OPSCTL, Sandbox


def measure(sandbox: Sandbox, rounds: int) -> list[Row]:
    samples = alternate(
        lambda: run([OPSCTL, "--help"]).seconds,
        lambda: run([sys.executable, "-c", "import typer"]).seconds,
        rounds * 3,  # a tenth of a second each
    )
    return [compared("opsctl --help", "import typer", Goal(factor=3), samples)]
