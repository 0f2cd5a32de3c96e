"""`sandbox status`: looks and says, changes nothing."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from opsctl.sandbox import aws, folder, health, node, toolchain
from opsctl.sandbox.folder import Folder
from opsctl.sandbox.parts import parts
from opsctl.sandbox.process import Process


@dataclass(frozen=True)
class Row:
    """One process. `pid` and `since` (ISO 8601, UTC) are None when it does not run; `well`: runs and answers."""

    name: str
    pid: int | None
    since: str | None
    well: bool
    log: str


def exists(project: Path) -> bool:
    """Whether `sandbox up` was ever run in this folder."""
    return folder.at(project).logs.is_dir()


def status(project: Path) -> list[Row]:
    """Each process of the project's sandbox, the node's first."""
    at = folder.at(project)
    return [*_node(at), _fake_aws(at)]


def _node(at: Folder) -> list[Row]:
    found = node.find(at)
    address = node.link(at).node if found else ""
    alive = node.running(at, found) if found else {}
    wanted = parts(address, toolchain.folder())
    places = [part.health_at(address, found.init) for part in wanted] if found else []
    with ThreadPoolExecutor(len(wanted)) as pool:  # one that is frozen takes two seconds to say nothing
        answers = list(pool.map(health.is_well, places)) or [False] * len(wanted)
    rows = [
        _row(part.name, alive.get(part.name), well, at.logs / f"{part.name}.log")
        for part, well in zip(wanted, answers, strict=True)
    ]
    return [_row("node", found.outer if found else None, found is not None, at.logs / "node.log"), *rows]


def _fake_aws(at: Folder) -> Row:
    found = aws.find(at)
    return _row("fake-aws", found.process if found else None, bool(found and found.is_well()), aws.log(at))


def _row(name: str, running: Process | None, well: bool, log: Path) -> Row:
    since = datetime.fromtimestamp(running.started_at(), UTC).isoformat(timespec="seconds") if running else None
    return Row(name, running.pid if running else None, since, well and running is not None, str(log))
