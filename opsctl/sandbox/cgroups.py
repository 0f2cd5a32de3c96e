"""The node's control groups: the one kind of thing that outlives its processes and so has to be removed by hand."""

from __future__ import annotations

import os
import time
from pathlib import Path

from opsctl.errors import OpsError

_INHERITED = ("cpuset.cpus", "cpuset.mems")  # on v1 empty in a new cpuset, and then nothing may run in it


def hierarchies() -> list[Path]:
    """Where cgroup file systems are mounted: one on cgroup v2, about ten on v1."""
    rows = [line.split() for line in Path("/proc/self/mounts").read_text().splitlines()]
    return [Path(row[1]) for row in rows if row[2] in ("cgroup", "cgroup2")]


def create(name: str) -> None:
    """Make the folder in every hierarchy; the kubelet expects its root to be there."""
    for root in hierarchies():
        (root / name).mkdir(exist_ok=True)
        for file in _INHERITED:
            mine, parents = root / name / file, root / file
            if parents.exists() and not mine.read_text().strip():
                mine.write_text(parents.read_text())


def remove(name: str, seconds: float = 15) -> None:
    """Remove the folders with all below. They are empty once the processes are gone, which can take a moment."""
    deadline = time.monotonic() + seconds
    while left := [root / name for root in hierarchies() if (root / name).exists()]:
        for top in left:
            _remove_tree(top)
        if time.monotonic() > deadline:
            raise OpsError(f"the sandbox's control group is still in use: {left[0]}", hint="run `opsctl sandbox down`")
        time.sleep(0.02)


def _remove_tree(top: Path) -> None:
    for folder, _, _ in os.walk(top, topdown=False):
        try:
            os.rmdir(folder)
        except OSError:  # busy for a moment yet, or gone already
            continue
