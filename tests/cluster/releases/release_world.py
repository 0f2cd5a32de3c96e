"""A project of its own in a namespace of its own, and opsctl run on it as an operator would: as a child process."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from load_meter import USUAL, Load, Users

OPSCTL = str(Path(sys.executable).with_name("opsctl"))
ENVIRONMENT = "rehearsal"

_SETTINGS = """\
extends: sandbox.yaml
application: {{namespace: {namespace}, agents: 80}}
aws: {{config_file: "{aws_config}", profile: {aws_profile}}}
kubernetes: {{kubeconfig: "{kubeconfig}", context: {context}}}
workload:
  replicas: 2
  pre_stop_seconds: 1
  drain_seconds: 2
  grace_seconds: 20
release:
  warm_deadline: 60
  gate_seconds: 2
  gate_deadline: 30
  bake_seconds: 5
  drain: {{quiet_seconds: 2, deadline: 40, reconnects_per_second: 1000, batch: 100}}
  guard: none  # test_guard.py has worlds with one: elsewhere a dead operator's release is to stay as it was left
"""


@dataclass(frozen=True)
class Ended:
    """A finished opsctl. `seconds` is wall clock, start of Python included."""

    exit_code: int
    stdout: str
    stderr: str
    seconds: float

    @property
    def data(self) -> Any:
        return json.loads(self.stdout)

    def __str__(self) -> str:
        return f"exit {self.exit_code} after {self.seconds:.1f} s\n{self.stdout}\n{self.stderr}"


class Running:
    """An opsctl at work. Its output goes to files, so that it can be read while it runs and never blocks it."""

    def __init__(self, argv: list[str], environment: Mapping[str, str], folder: Path) -> None:
        self._out, self._err = folder / "stdout", folder / "stderr"
        self._started = time.monotonic()
        with self._out.open("wb") as out, self._err.open("wb") as err:
            self.process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=out, stderr=err, env=environment)

    @property
    def narration(self) -> str:
        return self._err.read_text()

    @property
    def output(self) -> str:
        """What it has put on stdout so far."""
        return self._out.read_text()

    def signal(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def wait(self, seconds: float = 180.0) -> Ended:
        """The end of it; one that hangs is killed and fails the test."""
        try:
            code = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise AssertionError(f"opsctl still ran after {seconds} s:\n{self.narration}") from None
        return Ended(code, self._out.read_text(), self.narration, time.monotonic() - self._started)


@dataclass
class World:
    """`cluster` is the session's fixture; `folder` is empty and this world's alone."""

    cluster: Any
    namespace: str
    folder: Path
    _runs: int = field(default=0)
    services: tuple[str, ...] = ("ai-agent-sdk",)  # the active ones

    @property
    def project(self) -> Path:
        return self.folder / "project"

    def create(self) -> None:
        """The project that `opsctl init` writes, with one environment that extends its sandbox."""
        assert self.opsctl("init").exit_code == 0
        state = self.cluster.state
        text = _SETTINGS.format(
            namespace=self.namespace, aws_config=state.aws_config,
            aws_profile=state.aws_profile, kubeconfig=state.kubeconfig, context=state.context,
        )  # fmt: skip
        self.add_environment(ENVIRONMENT, text)

    def add_environment(self, name: str, text: str) -> None:
        (self.project / "environments" / f"{name}.yaml").write_text(text)

    def start(self, *words: str, home: str = "home", **variables: str) -> Running:
        """Start opsctl without a terminal. Another `home` is another computer, as far as files are concerned."""
        self._runs += 1
        folder = self.folder / f"run-{self._runs}"
        for path in (folder, self.folder / home, self.project):
            path.mkdir(exist_ok=True)
        own = {"OPSCTL_ENV": ENVIRONMENT, "OPSCTL_PROJECT": str(self.project), "HOME": str(self.folder / home)}
        return Running([OPSCTL, *words], {**self.cluster.environment(), **own, **variables}, folder)

    def opsctl(self, *words: str, home: str = "home", **variables: str) -> Ended:
        return self.start(*words, home=home, **variables).wait()

    def json(self, *words: str, home: str = "home", **variables: str) -> Ended:
        return self.opsctl(*words, "--output", "json", home=home, **variables)

    def start_deploy(self, version: str, *words: str, misbehave: str = "") -> Running:
        """Deploy an image; the run's number among its settings makes it another release than any before."""
        own = ["--image", f"ai-agent-sdk:{version}", "--set", f"RUN={self._runs}"]
        fault = ["--set", f"MISBEHAVE={misbehave}"] if misbehave else []
        return self.start("deploy", *own, *fault, *words, "--output", "json")

    def deploy(self, version: str, *words: str, misbehave: str = "") -> Ended:
        return self.start_deploy(version, *words, misbehave=misbehave).wait()

    def status(self) -> dict[str, Any]:
        ended = self.json("status")
        assert ended.exit_code == 0, ended
        found: dict[str, Any] = ended.data
        return found

    def idle(self) -> str:
        return {"blue": "green", "green": "blue"}[self.status()["active"]]

    def phase(self) -> str:
        """Where the newest rollout is, by the journal's own record: nothing else is as quick to ask."""
        records = [
            json.loads(item["data"]["rollout.json"]) for item in self._list("configmaps", "opsctl/record=rollout")
        ]
        return str(max(records, key=lambda record: record["id"])["phase"]) if records else ""

    def pods(self, color: str) -> list[dict[str, Any]]:
        return self._list("pods", f"opsctl/color={color}")

    def staying_pod(self, color: str) -> str:
        """The name of a running pod. One of an earlier release may still be listed while it ends."""
        pods = self.pods(color)
        staying = [pod for pod in pods if "deletionTimestamp" not in pod["metadata"] and _runs(pod)]
        assert staying, [(pod["metadata"]["name"], pod["status"]["phase"]) for pod in pods]
        return str(staying[0]["metadata"]["name"])

    def load(self, users: Users = USUAL) -> Load:
        """The meter on this world's front door, from inside the node."""
        ports = {port["name"]: port["nodePort"] for name in self.services for port in self.service(name)["ports"]}
        return Load(self.cluster.state.init_pid, ports["api"], ports["websocket"], users)

    def service(self, name: str) -> dict[str, Any]:
        """Its specification, asked from Kubernetes itself."""
        found: dict[str, Any] = json.loads(
            self.cluster.kubectl("get", "service", name, "-n", self.namespace, "-o", "json")
        )["spec"]
        return found

    def _list(self, kind: str, selector: str) -> list[dict[str, Any]]:
        listed = self.cluster.kubectl("get", kind, "-n", self.namespace, "--selector", selector, "-o", "json")
        found: list[dict[str, Any]] = json.loads(listed)["items"]
        return found


def _runs(pod: dict[str, Any]) -> bool:
    return bool(pod["status"]["phase"] == "Running")


def await_true(condition: Callable[[], bool], what: str, seconds: float = 60.0) -> None:
    """Poll until `condition` holds; fail with `what` at the deadline."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"waited {seconds} s in vain for: {what}"
        time.sleep(0.05)
