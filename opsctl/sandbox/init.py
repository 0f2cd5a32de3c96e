"""First process of the node: `python -m opsctl.sandbox.init FOLDER`, inside new network, mount and PID namespaces.

It prepares what the parts expect of a computer, starts each part when what it needs answers, starts it again when it
ends, and collects the dead. When it dies the kernel kills everything else in the namespace: that is how `down` works.
What to run is in FOLDER/plan.json; what runs is written to FOLDER/running.json.
"""

from __future__ import annotations

import os
import signal
import socket
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from opsctl.sandbox import folder, health, process
from opsctl.sandbox.settings import INSIDE, SERVICES

_STEP_S = 0.1
_BACKOFF_S = 1.0  # a part that ends at once is started again this much later
_LINK_S = 60.0


@dataclass
class Running:
    """One part: `pid` as seen inside, None while it waits for its start; `since` in seconds since 1970."""

    name: str
    argv: list[str]
    needs: list[str]
    pid: int | None = None
    since: float = 0.0
    starts: int = 0


def main(data: str) -> None:
    _file_systems(data)
    plan: dict[str, Any] = folder.read_json(Path(INSIDE, "plan.json"))
    _network(plan["address"])
    parts = [Running(**part) for part in plan["parts"]]
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD})
    while True:
        changed = [_reap(parts), *(_start(part) for part in parts)]
        if any(changed):
            folder.write_json(Path(INSIDE, "running.json"), [asdict(part) for part in parts])
        signal.sigtimedwait({signal.SIGCHLD}, _STEP_S)


def _file_systems(data: str) -> None:
    """The node's folder at a short path (socket paths are limited to 108 bytes), and nothing written outside it."""
    process.run(["mount", "--bind", data, "/mnt"])
    process.run(["mount", "-t", "tmpfs", "-o", "mode=755", "node", "/run"])
    for name in ("node", "upper", "work"):
        Path("/run", name).mkdir()
    process.run(["mount", "--move", "/mnt", INSIDE])
    layers = "lowerdir=/var/lib,upperdir=/run/upper,workdir=/run/work"
    process.run(["mount", "-t", "overlay", "-o", layers, "node", "/var/lib"])
    process.run(["mount", "-t", "tmpfs", "node", "/var/log"])


def _network(address: str) -> None:
    """Wait for the veth that the host hands in; then loopback, forwarding, and NodePorts on 127.0.0.1."""
    process.run(["ip", "link", "set", "lo", "up"])
    deadline = time.monotonic() + _LINK_S
    while not _has_link():
        if time.monotonic() > deadline:
            sys.exit("no network interface came from the host")
        time.sleep(0.02)
    process.run(["ip", "addr", "add", f"{address}/30", "dev", "node0"])
    process.run(["ip", "link", "set", "node0", "up"])
    # No default route: a missing image fails at once. kube-proxy's rules act only once there is some route; this one
    # refuses at once what is no service, such as the name server that is not there.
    process.run(["ip", "route", "add", "local", SERVICES, "dev", "lo", "src", address])
    for setting in ("ip_forward", "conf/all/route_localnet"):
        Path("/proc/sys/net/ipv4", setting).write_text("1")


def _has_link() -> bool:
    return any(name == "node0" for _, name in socket.if_nameindex())


def _reap(parts: list[Running]) -> bool:
    """Collect every dead child: our parts, and orphans that the kernel gave us."""
    changed = False
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return changed
        if pid == 0:
            return changed
        for part in parts:
            if part.pid == pid:
                part.pid, changed = None, True
                _say(f"{part.name} ended: {_how(status)}")


def _how(status: int) -> str:
    code = os.waitstatus_to_exitcode(status)
    return f"exit code {code}" if code >= 0 else f"signal {signal.Signals(-code).name}"


def _start(part: Running) -> bool:
    """Start the part if it is due: not running, not just ended, and what it needs answers."""
    now = time.time()
    if part.pid is not None or now < part.since + _BACKOFF_S or not all(map(health.is_well, part.needs)):
        return False
    part.pid = process.spawn(part.argv, Path(INSIDE, "logs", f"{part.name}.log"))
    part.since, part.starts = now, part.starts + 1
    _say(f"{part.name} started")
    return True


def _say(text: str) -> None:
    print(time.strftime("%H:%M:%S"), text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
