"""stdout is data, stderr is narration."""

from opsctl.console.console import Console, Output

__all__ = ["Console", "Output"]
