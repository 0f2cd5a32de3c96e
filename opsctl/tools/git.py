"""The project's git commit: part of what a plan is bound to."""

from __future__ import annotations

from pathlib import Path

from opsctl.errors import ToolMissing
from opsctl.tools.process import Command, run


def commit(project: Path) -> tuple[str, bool]:
    """(commit, whether there are uncommitted changes); ("", False) outside of git or without it."""
    try:
        finished = run(Command(("git", "status", "--porcelain=v2", "--branch"), cwd=project), timeout=30)
    except ToolMissing:
        return "", False
    if finished.exit_code != 0:
        return "", False
    lines = finished.stdout.splitlines()
    found = next((line.split()[-1] for line in lines if line.startswith("# branch.oid ")), "")
    return ("" if found == "(initial)" else found), any(not line.startswith("#") for line in lines)
