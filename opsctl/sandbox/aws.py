"""The fake AWS as a process of the sandbox: on the host, on loopback, with its state in a file that outlives it."""

from __future__ import annotations

import configparser
import io
import signal
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from opsctl.errors import OpsError
from opsctl.sandbox import daemon, folder, health, process
from opsctl.sandbox.folder import Folder

PROFILE = "sandbox"
REGION = "us-east-1"
_PORTS = range(20000, 30000)  # below the ports that the kernel gives to clients
_START_S = 60.0
_STOP_S = 10.0  # it writes its state on SIGTERM


@dataclass(frozen=True)
class FakeAws:
    process: process.Process
    port: int

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def is_well(self) -> bool:
        return self.process.alive() and health.answers(f"{self.endpoint}/moto-api/")


def find(at: Folder) -> FakeAws | None:
    """The fake AWS of this folder if its process lives."""
    running = daemon.holder(_pidfile(at))
    return FakeAws(running, folder.read_json(_port_file(at))) if running else None


def start(at: Folder) -> FakeAws:
    """Start it on its former port if that is free. It is not ready yet: see `wait`."""
    at.aws.mkdir(parents=True, exist_ok=True)
    port = _port(at)
    folder.write_json(_port_file(at), port)
    argv = [process.PYTHON, "-m", "opsctl.sandbox.fake_aws", "--state", str(at.aws / "state.json")]
    argv += ["--port", str(port), "--ready-file", str(at.aws / "ready")]
    return FakeAws(daemon.start(_pidfile(at), argv, log(at)), port)


def wait(at: Folder, server: FakeAws, tick: Callable[[], None]) -> None:
    """Wait until it answers, calling `tick` meanwhile. Raises OpsError if it does not."""
    if not responds(server, _START_S, tick):
        raise OpsError("the fake AWS does not answer", hint=f"read {log(at)}")


def responds(server: FakeAws, seconds: float, tick: Callable[[], None] = lambda: None) -> bool:
    """Whether it answers within that time. One that is busy may take a while, one that is dead will not."""
    deadline = time.monotonic() + seconds
    while not server.is_well():
        if not server.process.alive() or time.monotonic() > deadline:
            return False
        tick()
        time.sleep(0.05)
    return True


def stop(at: Folder) -> bool:
    """End it, with time to write its state. Returns whether it ran."""
    server = find(at)
    if not server:
        return False
    server.process.signal(signal.SIGTERM)
    if not server.process.wait(_STOP_S):
        server.process.signal(signal.SIGKILL)
        server.process.wait(_STOP_S)
    return True


def config(server: FakeAws) -> str:
    """An AWS shared config file. The keys are made up; the fake takes any."""
    parser = configparser.ConfigParser()
    parser[f"profile {PROFILE}"] = {
        "region": REGION,
        "endpoint_url": server.endpoint,
        "aws_access_key_id": "sandbox",
        "aws_secret_access_key": "sandbox",
        "s3": "\naddressing_style = path",
    }
    text = io.StringIO()
    parser.write(text)
    return text.getvalue()


def log(at: Folder) -> Path:
    return at.logs / "fake-aws.log"


def _pidfile(at: Folder) -> Path:
    return at.root / "fake-aws.pid"


def _port_file(at: Folder) -> Path:
    return at.aws / "port.json"


def _port(at: Folder) -> int:
    first = folder.read_json(_port_file(at)) or _PORTS[int(at.key, 16) % len(_PORTS)]
    for step in range(100):
        port = _PORTS[(first - _PORTS.start + step) % len(_PORTS)]
        if _is_free(port):
            return port
    raise OpsError(f"100 ports from {first} on are all in use", hint="ss -ltnp shows by what")


def _is_free(port: int) -> bool:
    with socket.socket() as server:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            server.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
