"""`sandbox down`: one kill for the node, one for the fake AWS, and the control groups that a kill leaves."""

from __future__ import annotations

import shutil
from pathlib import Path

from opsctl.console import Console
from opsctl.sandbox import aws, folder, node
from opsctl.sandbox.folder import Folder


def down(project: Path, console: Console) -> None:
    """Stop everything. The data stay: `up` brings back the same pods and the same fake AWS."""
    at = folder.at(project)
    if at.root.exists():
        with folder.change(at, console):
            _stop(at, console)


def purge(project: Path, console: Console) -> None:
    """Stop everything and delete the data."""
    at = folder.at(project)
    if at.root.exists():
        with folder.change(at, console):
            _stop(at, console)
            with console.progress("data", "deleted"):
                shutil.rmtree(at.root)


def _stop(at: Folder, console: Console) -> None:
    at.state.unlink(missing_ok=True)
    with console.progress("node", "stopping") as progress:
        progress.detail = "stopped" if node.stop(at) else "did not run"
    with console.progress("aws", "stopping") as progress:
        progress.detail = "stopped" if aws.stop(at) else "did not run"
