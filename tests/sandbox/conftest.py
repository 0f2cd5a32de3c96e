"""The sample agent service as real processes on free loopback ports."""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from websockets.sync.client import ClientConnection, connect

DEADLINE_S = 20.0
_SAMPLE = re.compile(r"^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$")
_LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')

Sample = tuple[str, frozenset[tuple[str, str]]]


def await_true(condition: Callable[[], bool], what: str, seconds: float = DEADLINE_S) -> None:
    """Poll until `condition` holds; fail with `what` at the deadline."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"waited {seconds} s in vain for: {what}"
        time.sleep(0.01)


@dataclass(frozen=True)
class Reply:
    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


def request(port: int, path: str, user_agent: str = "test") -> Reply:
    """One GET on a new connection."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", path, headers={"User-Agent": user_agent})
        answer = connection.getresponse()
        return Reply(answer.status, dict(answer.getheaders()), answer.read())
    finally:
        connection.close()


class AgentProcess:
    """A running agent service."""

    def __init__(self, log: Path, environ: dict[str, str]) -> None:
        self._log = log
        with log.open("wb") as out:
            argv = [sys.executable, "-m", "opsctl.sandbox.agent"]
            self.process = subprocess.Popen(argv, env=environ, stdout=out, stderr=subprocess.STDOUT)
        self.api = self.websocket = self.scrape = 0

    def await_ports(self) -> None:
        await_true(lambda: self.process.poll() is not None or bool(self.events("listening")), "the agent to listen")
        assert self.events("listening"), self._log.read_text()
        ports = self.events("listening")[0]["ports"]
        self.api, self.websocket, self.scrape = ports["api"], ports["websocket"], ports["metrics"]

    def log_lines(self) -> list[str]:
        return self._log.read_text().splitlines()

    def events(self, name: str) -> list[dict[str, Any]]:
        lines = [json.loads(line) for line in self.log_lines() if line.startswith("{") and line.endswith("}")]
        return [line for line in lines if line["event"] == name]

    def get(self, path: str, user_agent: str = "test") -> Reply:
        return request(self.api, path, user_agent)

    def metrics(self) -> dict[Sample, float]:
        """Each line of /metrics as (name, labels) and value. A line that is no sample fails the test."""
        text = request(self.scrape, "/metrics").body.decode()
        found: dict[Sample, float] = {}
        for line in text.splitlines():
            if not line.startswith("#"):
                match = _SAMPLE.match(line)
                assert match, f"not a sample: {line!r}"
                found[match[1], frozenset(_LABEL.findall(match[2] or ""))] = float(match[3])
        return found

    def metric(self, name: str, **labels: str) -> float:
        """The sum of all series of this name that have these labels; 0 if there is none."""
        wanted = set(labels.items())
        return sum(value for (found, has), value in self.metrics().items() if found == name and wanted <= has)

    def signal(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def wait(self, seconds: float = DEADLINE_S) -> int:
        return self.process.wait(seconds)


StartAgent = Callable[..., AgentProcess]


@pytest.fixture
def launch_agent(tmp_path: Path) -> Iterator[StartAgent]:
    """Start an agent without waiting for it. Keyword arguments are its environment variables."""
    started: list[AgentProcess] = []

    def launch(**settings: str) -> AgentProcess:
        own = {"BIND": "127.0.0.1", "API_PORT": "0", "WS_PORT": "0", "METRICS_PORT": "0", "DRAIN_SECONDS": "2"}
        environ = {**os.environ, **own, "APP_VERSION": "1.0.0", "COLOR": "blue", **settings}
        started.append(AgentProcess(tmp_path / f"agent-{len(started)}.log", environ))
        return started[-1]

    yield launch
    for agent in started:
        agent.process.kill()  # ends a stopped process too
        agent.process.wait()


@pytest.fixture
def start_agent(launch_agent: StartAgent) -> StartAgent:
    """Start an agent and wait until it listens."""

    def start(**settings: str) -> AgentProcess:
        agent = launch_agent(**settings)
        agent.await_ports()
        return agent

    return start


@pytest.fixture
def agent(start_agent: StartAgent) -> AgentProcess:
    """A healthy agent."""
    return start_agent()


@pytest.fixture
def http_request() -> Callable[..., Reply]:
    """`request` above, for tests in folders below."""
    return request


@pytest.fixture
def eventually() -> Callable[..., None]:
    """`await_true` above, for tests in folders below."""
    return await_true


@pytest.fixture
def dial() -> Iterator[Callable[..., ClientConnection]]:
    """Open a WebSocket to an agent; it is closed at the end of the test if it still lives."""
    with ExitStack() as stack:

        def open_one(agent: AgentProcess, user_agent: str = "test") -> ClientConnection:
            url = f"ws://127.0.0.1:{agent.websocket}/ws"
            return stack.enter_context(connect(url, user_agent_header=user_agent, open_timeout=5, close_timeout=1))

        yield open_one
