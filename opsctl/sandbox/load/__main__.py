"""Entry point of the meter. Exit code 0: it measured; what it found is in the report. 2: it was asked wrongly."""

from __future__ import annotations

import asyncio
import gc
import json
import sys
from typing import Any

from .meter import Meter
from .options import Options, parse
from .summary import progress, summary

LOG_EVERY_S = 10  # without a terminal


def main() -> int:
    options = parse(sys.argv[1:])
    gc.freeze()  # what is loaded stays; collections then look at this run's objects only and stay short
    report = asyncio.run(_run(options))
    _print(json.dumps(report) if options.json or options.stats else summary(report))
    return 0


async def _run(options: Options) -> dict[str, Any]:
    def on_line(line: dict[str, Any]) -> None:
        if options.stats:
            _print(json.dumps(line))
        elif line["event"] != "second":
            return
        elif sys.stderr.isatty():
            sys.stderr.write(f"\r\033[K{progress(line, options.duration)}")
            sys.stderr.flush()
        elif line["second"] % LOG_EVERY_S == 0:
            sys.stderr.write(progress(line, options.duration) + "\n")

    report = await Meter(options).run(on_line)
    if sys.stderr.isatty():
        sys.stderr.write("\r\033[K")
    return report


def _print(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
