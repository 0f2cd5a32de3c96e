"""`python -m bench`: measure, print a table, and exit with 1 where a goal is missed or could not be measured."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path

from bench import cutover, help_time, plan_time, provision_time, recovery, report, status_time
from bench.measure import Row
from bench.programs import Unexpected
from bench.sandbox import Sandbox

MEASUREMENTS: dict[str, tuple[Callable[[Sandbox, int], list[Row]], str]] = {
    "help": (help_time.measure, "seconds"),
    "status": (status_time.measure, "half a minute"),
    "plan": (plan_time.measure, "a minute"),
    "provision": (provision_time.measure, "5 minutes"),
    "cutover": (cutover.measure, "4 minutes"),
    "recovery": (recovery.measure, "5 minutes"),
}


def main() -> int:
    arguments = _parser().parse_args()
    load = os.getloadavg()[0]
    rows, complete = _measured(arguments.only or list(MEASUREMENTS), Sandbox(arguments.project), arguments.rounds)
    machine = report.machine(load)
    if arguments.output == "json":
        print(json.dumps(report.as_json(rows, machine), indent=2))
    else:
        print(report.table(rows, machine))
    return int(not complete or any(row.missed_by for row in rows))


def _measured(names: list[str], sandbox: Sandbox, rounds: int) -> tuple[list[Row], bool]:
    """All rows, and whether every measurement could be made. One that cannot does not hide the others."""
    rows, complete = [], True
    for name in names:
        measure, usually = MEASUREMENTS[name]
        print(f"bench: {name}, {rounds} rounds (usually {usually})", file=sys.stderr, flush=True)
        try:
            rows += measure(sandbox, rounds)
        except (Unexpected, TimeoutError) as error:
            print(f"bench: {name} could not be measured: {error}", file=sys.stderr)
            complete = False
    return rows, complete


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench", description="opsctl's speed as ratios to the bare tools.")
    parser.add_argument("--project", type=Path, default=Path(".sandbox"), help="the demo's project (default .sandbox)")
    parser.add_argument("--only", action="append", choices=MEASUREMENTS, help="this measurement; may be repeated")
    parser.add_argument("--rounds", type=int, default=5, help="samples of each side (default 5)")
    parser.add_argument("--output", "-o", choices=("text", "json"), default="text")
    return parser


if __name__ == "__main__":
    sys.exit(main())
