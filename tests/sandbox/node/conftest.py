"""Real sandboxes in folders of their own, for tests that kill them; and the means to look at one from outside."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from opsctl.errors import OpsError
from opsctl.sandbox import cgroups, daemon, folder, node, requirements, toolchain
from opsctl.sandbox.process import Process, find

OPSCTL = (sys.executable, "-m", "opsctl")


@dataclass(frozen=True)
class Sandbox:
    """One project folder, driven by the command line only."""

    project: Path

    @property
    def at(self) -> folder.Folder:
        return folder.at(self.project)

    def command(self, *words: str) -> list[str]:
        return [*OPSCTL, "sandbox", *words, "-C", str(self.project)]

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(self.command(*words), capture_output=True, text=True, timeout=240, check=False)

    def up(self) -> dict[str, Any]:
        done = self.run("up", "-o", "json")
        assert done.returncode == 0, done.stderr
        found: dict[str, Any] = json.loads(done.stdout)
        return found

    def status(self) -> tuple[int, dict[str, dict[str, Any]]]:
        """Exit code, and each process by its name."""
        done = self.run("status", "-o", "json")
        return done.returncode, {row["name"]: row for row in json.loads(done.stdout)["processes"]}

    def pids(self) -> dict[str, tuple[int, str]]:
        return {name: (row["pid"], row["since"]) for name, row in self.status()[1].items()}

    def kubectl(self, *words: str, stdin: str = "") -> str:
        argv = ["kubectl", "--kubeconfig", str(self.at.kubeconfig), "--request-timeout=10s", *words]
        done = subprocess.run(argv, input=stdin, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, f"{' '.join(words)}: {done.stderr}"
        return done.stdout

    def host(self) -> Process | None:
        return daemon.holder(self.at.running)

    def namespaces(self) -> set[str]:
        """The node's network, mount and PID namespaces, as the kernel names them."""
        running = node.find(self.at)
        assert running
        return {os.readlink(f"/proc/{running.init}/ns/{kind}") for kind in ("net", "mnt", "pid")}


@pytest.fixture(scope="session")
def sandbox_possible() -> None:
    """Skips the test where no sandbox can run, or fails it if nothing may be skipped."""
    why = _obstacle()
    if why and os.environ.get("OPSCTL_REQUIRE_ALL"):
        pytest.fail(why)
    if why:
        pytest.skip(why)


def _obstacle() -> str:
    try:
        requirements.check()
    except OpsError as error:
        return f"{error.message}: {error.hint}"
    missing = ", ".join(program.name for program in toolchain.missing())
    return f"not built yet: {missing}: run `make setup`" if missing else ""


@pytest.fixture
def new_sandbox(tmp_path_factory: pytest.TempPathFactory, sandbox_possible: None) -> Iterator[Callable[[], Sandbox]]:
    """Make sandboxes that are not up yet; all are purged at the end."""
    made: list[Sandbox] = []

    def make() -> Sandbox:
        made.append(Sandbox(tmp_path_factory.mktemp("project")))
        return made[-1]

    yield make
    for sandbox in made:
        sandbox.run("down", "--purge")


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory, sandbox_possible: None) -> Iterator[Sandbox]:
    """One sandbox for all tests of a module; each test finds it up."""
    made = Sandbox(tmp_path_factory.mktemp("project"))
    yield made
    made.run("down", "--purge")


@pytest.fixture
def traces() -> Callable[[Sandbox, set[str]], list[str]]:
    """What is left on this computer of a sandbox that had these namespaces: processes, interface, control groups."""

    def find(sandbox: Sandbox, namespaces: set[str]) -> list[str]:
        left = [f"process {pid}" for pid in os.listdir("/proc") if pid.isdigit() and _in(pid, namespaces)]
        left += [name for name in os.listdir("/sys/class/net") if name == sandbox.at.interface]
        left += [str(root / sandbox.at.cgroup) for root in cgroups.hierarchies() if (root / sandbox.at.cgroup).exists()]
        mounts = Path("/proc/self/mounts").read_text().splitlines()
        return left + [line for line in mounts if str(sandbox.project) in line]

    return find


def _in(pid: str, namespaces: set[str]) -> bool:
    """Whether it runs in one of them. A zombie runs no more: who reaps orphans, and when, is the computer's affair."""
    if find(int(pid)) is None:
        return False
    try:
        return any(os.readlink(f"/proc/{pid}/ns/{kind}") in namespaces for kind in ("net", "mnt", "pid"))
    except OSError:
        return False
