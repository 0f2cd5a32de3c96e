"""One JSON object a line on stdout: time, level, event, and who speaks."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from datetime import UTC, datetime


class Log:
    def __init__(self, identity: Mapping[str, str]) -> None:
        self._identity = dict(identity)

    def info(self, event: str, **fields: object) -> None:
        self._write("info", event, fields)

    def error(self, event: str, **fields: object) -> None:
        self._write("error", event, fields)

    def _write(self, level: str, event: str, fields: Mapping[str, object]) -> None:
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        line = {"time": now, "level": level, "event": event, **self._identity, **fields}
        sys.stdout.write(json.dumps(line) + "\n")
        sys.stdout.flush()  # a crash must not swallow the line that explains it
