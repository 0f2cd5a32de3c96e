"""kubectl, for what people would type themselves."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from opsctl.core.color import COLOR_LABEL, Color
from opsctl.errors import ToolFailed
from opsctl.tools.cluster.names import Names
from opsctl.tools.process import Command, stream


def logs_command(
    names: Names, color: Color, kubeconfig: Path | None, context: str | None, *, tail: int, follow: bool
) -> Command:
    """Every pod of a color, each line with its pod's name."""
    words = ["kubectl", "logs", "--namespace", names.namespace, "--selector", f"{names.selector},{COLOR_LABEL}={color}"]
    words += ["--prefix", "--tail", str(tail), "--max-log-requests", "50"]
    words += ["--follow"] if follow else []
    words += ["--kubeconfig", str(kubeconfig)] if kubeconfig else []
    words += ["--context", context] if context else []
    return Command(tuple(words), remedy="install kubectl")


def stream_logs(
    names: Names,
    color: Color,
    kubeconfig: Path | None,
    context: str | None,
    *,
    tail: int,
    follow: bool,
    say: Callable[[str], None],
) -> None:
    """Raises ToolFailed with kubectl's words, Interrupted at Ctrl-C."""
    finished = stream(logs_command(names, color, kubeconfig, context, tail=tail, follow=follow), say)
    if finished.exit_code:
        raise ToolFailed(f"kubectl logs failed: {finished.stderr.strip()}", hint="opsctl status")
