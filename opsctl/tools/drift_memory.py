"""`.opsctl/<env>/drift.json`: since when drift has been there, as this computer saw it."""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from pathlib import Path

from opsctl.core.drift.memory import Memory, Seen


class DriftFile:
    def __init__(self, folder: Path) -> None:
        self.file = folder / "drift.json"

    def load(self) -> Memory:
        """Nothing where there is no such file, or one that nobody can read: then everything was first seen now."""
        try:
            return {number: Seen(**seen) for number, seen in json.loads(self.file.read_text()).items()}
        except (OSError, ValueError, TypeError, AttributeError):
            return {}

    def save(self, memory: Memory) -> None:
        self.file.parent.mkdir(parents=True, exist_ok=True)
        draft = self.file.with_suffix(".draft")
        draft.write_text(json.dumps({number: asdict(seen) for number, seen in memory.items()}, indent=2))
        os.replace(draft, self.file)
