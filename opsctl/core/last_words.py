"""What failing pods said last, made fit to be read: one line a cause, short, few."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from typing import Any

MOST = 3
WIDTH = 150
_TROUBLE = ("warning", "warn", "error", "critical", "fatal")
_TEXT_KEYS = ("message", "msg", "event")
_USUAL = ("time", "timestamp", "ts", "level", "version", "color", "pod", *_TEXT_KEYS)


def of_log(lines: Sequence[str]) -> str:
    """The line that tells most: the last one whose level is trouble, else the last; a JSON line in plain words."""
    told = [line.strip() for line in lines if line.strip()]
    bad = [line for line in told if str(_fields(line).get("level", "")).lower() in _TROUBLE]
    return _plain((bad or told)[-1]) if told else ""


def distinct(words: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """("pod", "what it said") as "pod: what it said"; of pods that said the same, one; at most three."""
    kept: dict[str, str] = {}
    for pod, text in words:
        short = cut(text)
        if short:
            kept.setdefault(_cause(short, pod), f"{pod}: {short}")
    return tuple(kept.values())[:MOST]


def cut(text: str, width: int = WIDTH) -> str:
    line = " ".join(text.split())
    return line if len(line) <= width else line[: width - 1] + "…"


def _fields(line: str) -> dict[str, Any]:
    try:
        found = json.loads(line) if line.startswith("{") else {}
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _plain(line: str) -> str:
    found = _fields(line)
    text = next((str(found[key]) for key in _TEXT_KEYS if found.get(key)), "")
    rest = [f"{key} {value}" for key, value in found.items() if key not in _USUAL and isinstance(value, str | int)]
    return ", ".join([text, *rest]) if text else line


def _cause(text: str, pod: str) -> str:
    """The words without what differs from pod to pod: its name, addresses, times."""
    return re.sub(r"[0-9]+", "0", text.replace(pod, ""))
