"""Words laid out for 80 columns."""

from __future__ import annotations

import textwrap
import time
from collections.abc import Mapping
from typing import Any

WIDTH = 80


def wrapped(label: str, text: str) -> list[str]:
    return textwrap.wrap(text, WIDTH, initial_indent=f"  {label:<6} ", subsequent_indent=" " * 9)


def indented(text: str, by: int) -> list[str]:
    return textwrap.wrap(text, WIDTH, initial_indent=" " * by, subsequent_indent=" " * by)


def minutes(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"


def clock(at: float, form: str = "%H:%M:%S") -> str:
    return time.strftime(form, time.localtime(at))


def settings_words(row: Mapping[str, Any]) -> str:
    return f" with settings {row['settings']}" if row["settings"] else ""
