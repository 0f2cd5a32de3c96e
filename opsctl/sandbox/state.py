"""What others may know of a running sandbox: `state.json`, written last by `up` and removed first by `down`."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path

from opsctl.errors import OpsError
from opsctl.sandbox import folder, node
from opsctl.sandbox.folder import Folder


@dataclass(frozen=True)
class State:
    """`address`: the node, seen from this host; `host`: this host, seen from pods; `init_pid`: for nsenter."""

    project: str
    address: str
    host: str
    init_pid: int
    kubeconfig: str
    context: str
    aws_config: str
    aws_profile: str
    aws_endpoint: str
    aws_port: int
    toolchain_bin: str


def load(project: Path) -> State:
    """The state of the project's sandbox. Raises OpsError if it is not up, or its node has died since."""
    at = folder.at(project)
    found, running = folder.read_json(at.state), node.find(at)
    if not found or not running or running.init != found["init_pid"]:
        raise OpsError(f"no sandbox is up in {at.project}", hint=f"opsctl sandbox up -C {project}")
    return State(**found)


def save(at: Folder, state: State) -> None:
    folder.write_json(at.state, asdict(state))
