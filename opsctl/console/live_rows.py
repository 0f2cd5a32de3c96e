"""A few rows at the end of a terminal that are drawn anew in place, below lines that stay."""

from __future__ import annotations

import shutil
from collections.abc import Sequence

from opsctl.console.console import Console

_WIDTH = 80


class LiveRows:
    """Nothing is drawn where there is no terminal."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self._drawn: list[str] = []

    def draw(self, lines: Sequence[str]) -> None:
        """Rows that are as they were are not written again: ten looks a second are not ten pictures."""
        room = min(_WIDTH, shutil.get_terminal_size((_WIDTH, 24)).columns) - 1
        cut = [line[:room] for line in lines]
        if not self.console.is_terminal or cut == self._drawn:
            return
        self.clear()
        self.console.write("\n".join(cut))
        self._drawn = cut

    def clear(self) -> None:
        """Take them back, to print a line that stays."""
        if self._drawn:
            up = f"\033[{len(self._drawn) - 1}A" if len(self._drawn) > 1 else ""
            self.console.write(f"\r{up}\033[J")
        self._drawn = []
