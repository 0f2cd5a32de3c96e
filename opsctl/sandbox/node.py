"""The node from outside: its plan, its start, its first process, its end."""

from __future__ import annotations

import hashlib
import os
import signal
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from opsctl.errors import OpsError
from opsctl.sandbox import cgroups, daemon, folder, network, pki, process, settings
from opsctl.sandbox.folder import Folder
from opsctl.sandbox.network import Link
from opsctl.sandbox.parts import parts
from opsctl.sandbox.process import Process

_START_S = 30.0
_OWN = ("--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "--propagation", "private")


@dataclass(frozen=True)
class Node:
    """A running node: `outer` is the process to kill, `init` the pid (on the host) of the first process inside."""

    outer: Process
    init: int


def find(at: Folder) -> Node | None:
    """The node of this folder if it lives."""
    outer = daemon.holder(at.running)
    inner = process.children(outer.pid) if outer else []
    return Node(outer, inner[0]) if outer and inner else None


def inside(init: int, argv: Sequence[str]) -> list[str]:
    """The command line that runs `argv` in the network of the node whose first process is `init`."""
    return ["nsenter", "-t", str(init), "-n", "--", *argv]


def link(at: Folder) -> Link:
    """The addresses of a running node, else free ones."""
    plan = folder.read_json(at.node / "plan.json")
    if plan and find(at):
        return network.around(at.interface, plan["address"])
    return network.link(at.interface, at.key, network.taken(without=at.interface))


def prepare(at: Folder, link: Link, toolchain: Path) -> str:
    """Write keys, settings and plan, and return a digest of them all: see `follows`."""
    for needed in (at.logs, at.node / "pod-logs"):
        needed.mkdir(parents=True, exist_ok=True)
    own = settings.files(settings.NodeSettings(link.node, at.cgroup))
    wanted = {**own, **_kubeconfigs(at.node / "pki", link), "plan.json": _plan(link, toolchain)}
    for name, text in wanted.items():
        folder.write(at.node / name, text)
    return hashlib.sha256(folder.as_json(wanted).encode()).hexdigest()


def follows(at: Folder, digest: str) -> bool:
    """Whether the running node was started with these settings."""
    return bool(folder.read_json(at.node / "follows.json") == digest)


def start(at: Folder, link: Link, digest: str) -> Node:
    """Start the node and give it its network. Its parts come up by themselves."""
    cgroups.create(at.cgroup)
    (at.node / "running.json").unlink(missing_ok=True)
    folder.write_json(at.node / "follows.json", digest)
    argv = ["unshare", *_OWN, process.PYTHON, "-m", "opsctl.sandbox.init", str(at.node)]
    daemon.start(at.running, argv, at.logs / "node.log")
    deadline = time.monotonic() + _START_S
    while not (node := find(at)) or not _is_apart(node.init):
        if time.monotonic() > deadline:
            raise OpsError("the node did not start", hint=f"read {at.logs / 'node.log'}")
        time.sleep(0.02)
    network.attach(link, node.init)
    return node


def stop(at: Folder) -> bool:
    """Kill the node and wait until nothing of it is left but its files. Returns whether there was one."""
    node = find(at)
    if node:
        node.outer.signal(signal.SIGKILL)
    deadline = time.monotonic() + _START_S
    while folder.is_locked(at.running):
        if time.monotonic() > deadline:
            raise OpsError("the node's processes did not end", hint="run `opsctl sandbox down` again")
        time.sleep(0.02)
    network.detach(at.interface)
    cgroups.remove(at.cgroup)
    return node is not None


def running(at: Folder, node: Node) -> dict[str, Process]:
    """The parts that run, by name, as the host sees them."""
    listed: list[dict[str, Any]] = folder.read_json(at.node / "running.json") or []
    hosts = {_inner_pid(pid): pid for pid in process.children(node.init)}
    found = {part["name"]: process.find(hosts.get(part["pid"], 0)) for part in listed}
    return {name: part for name, part in found.items() if part}


def _kubeconfigs(keys: Path, link: Link) -> dict[str, str]:
    """For the parts inside. A new key shows as a new text here, so the node then starts again."""
    pki.create(keys, pki.identities(link.node, settings.API_SERVICE, settings.NODE_NAME))
    names = ("controller-manager", "scheduler", "proxy", "kubelet")
    return {f"kubeconfigs/{name}": pki.kubeconfig(keys, name, "https://127.0.0.1:6443") for name in names}


def _plan(link: Link, toolchain: Path) -> str:
    listed = [
        {"name": part.name, "argv": part.argv, "needs": part.needs_at(link.node)}
        for part in parts(link.node, toolchain)
    ]
    return folder.as_json({"address": link.node, "parts": listed})


def _is_apart(pid: int) -> bool:
    """Whether the process has left our network namespace; only then can it be given an interface."""
    try:
        return os.stat(f"/proc/{pid}/ns/net").st_ino != os.stat("/proc/self/ns/net").st_ino
    except OSError:
        return False


def _inner_pid(pid: int) -> int:
    """The pid that a process has in its own PID namespace."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    return int(next(line for line in lines if line.startswith("NSpid:")).split()[-1])
