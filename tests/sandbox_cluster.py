"""One real cluster for all tests that need one: the sandbox of this checkout, brought up if it is not, and left up."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from opsctl.errors import OpsError
from opsctl.sandbox import requirements, toolchain
from opsctl.sandbox.state import State

PROJECT = Path(__file__).resolve().parents[1] / ".sandbox"


@dataclass(frozen=True)
class Cluster:
    """The running sandbox; `kubeconfig` has the context `sandbox`."""

    state: State

    @property
    def kubeconfig(self) -> Path:
        return Path(self.state.kubeconfig)

    def environment(self) -> dict[str, str]:
        """Variables for child processes: this cluster, this fake AWS, and the sandbox's Helm on PATH."""
        return {
            **os.environ,
            "KUBECONFIG": self.state.kubeconfig,
            "AWS_CONFIG_FILE": self.state.aws_config,
            "AWS_PROFILE": self.state.aws_profile,
            "PATH": f"{self.state.toolchain_bin}{os.pathsep}{os.environ['PATH']}",
        }

    def kubectl(self, *words: str, stdin: str = "", seconds: float = 60) -> str:
        """Run kubectl and return its stdout; a failure fails the test."""
        argv = ["kubectl", "--kubeconfig", self.state.kubeconfig, "--context", self.state.context, *words]
        done = subprocess.run(argv, input=stdin, capture_output=True, text=True, timeout=seconds, check=False)
        assert done.returncode == 0, f"kubectl {' '.join(words)}: {done.stderr}"
        return done.stdout


@pytest.fixture(scope="session")
def cluster() -> Cluster:
    """The cluster. Each pytest-xdist worker asks for it; `sandbox up` itself lets only one of them do the work."""
    _require_sandbox()
    return started()


def started() -> Cluster:
    """The same, for what is no test."""
    PROJECT.mkdir(exist_ok=True)
    argv = [sys.executable, "-m", "opsctl", "sandbox", "up", "--output", "json", "--project", str(PROJECT)]
    done = subprocess.run(argv, stdout=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 0, "opsctl sandbox up failed, see above"
    return Cluster(State(**json.loads(done.stdout)))


@pytest.fixture
def new_namespace(cluster: Cluster) -> Iterator[Callable[[], str]]:
    """Names of namespaces that no other test has; they are not made, but deleted at the end if they are there."""
    named: list[str] = []

    def name() -> str:
        named.append(f"test-{uuid.uuid4().hex[:10]}")
        return named[-1]

    yield name
    if named:
        cluster.kubectl("delete", "namespace", *named, "--ignore-not-found", "--wait=false")


def _require_sandbox() -> None:
    """Skip where no sandbox can run, naming what is missing; fail instead where nothing may be skipped."""
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
