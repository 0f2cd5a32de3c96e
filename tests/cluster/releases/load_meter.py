"""The load meter around a scenario: users come all the time, and at the end it says what they met."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from itertools import groupby
from types import TracebackType
from typing import Any

from sandbox_cluster import PROJECT

from opsctl.sandbox.node import inside

_READY_S = 30.0


@dataclass(frozen=True)
class Users:
    """Requests a second on new connections, requests a second on as many kept ones, and WebSockets held."""

    rate: int = 200
    kept: int = 100
    agents: int = 80


USUAL = Users()


class Load:
    """`with` starts it and waits until every agent is connected; after the block `report` is its account."""

    def __init__(self, init_pid: int, api_port: int, ws_port: int, users: Users) -> None:
        self.users = users
        meter = [sys.executable, "-m", "opsctl.sandbox.load", "--stats", "--duration", "600"]
        ports = ["--api-port", str(api_port), "--ws-port", str(ws_port)]
        rates = ["--rate", str(users.rate), "--kept", str(users.kept), "--kept-connections", str(users.kept)]
        rates += ["--agents", str(users.agents)]
        self._argv = inside(init_pid, ["nice", "-n", "-10", *meter, *ports, *rates])  # late, it would measure itself
        self._lines: list[dict[str, Any]] = []
        self._connected = threading.Event()
        self.trouble = threading.Event()  # set the moment the first request is answered badly or lost
        self.report: dict[str, Any] = {}

    def __enter__(self) -> Load:
        worker = os.environ.get("PYTEST_XDIST_WORKER", "alone")
        self._turn = (PROJECT / f"meter-{worker}.lock").open("w")
        fcntl.flock(self._turn, fcntl.LOCK_EX)  # a meter a worker: those of a second run would measure the first's
        self._process = subprocess.Popen(self._argv, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self._reader = threading.Thread(target=self._read)
        self._reader.start()
        if not self._connected.wait(_READY_S):
            self._process.kill()
            self._turn.close()
            raise AssertionError(f"the agents were not connected in {_READY_S} s: {self._lines[-1:]}")
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._process.send_signal(signal.SIGINT)
        self._reader.join(30)
        self._turn.close()
        assert self._process.wait(5) == 0
        self.report = self._lines[-1]
        assert self.report["event"] == "final"

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._lines.append(json.loads(line))
            if self._lines[-1].get("event") == "trouble":
                self.trouble.set()
            if self.everybody_is_connected():
                self._connected.set()

    def everybody_is_connected(self) -> bool:
        """By the newest line, which is a second old at most."""
        told = [line["agents_open"] for line in self._lines[-2:] if "agents_open" in line]
        return bool(told) and told[-1] == self.users.agents

    def await_everybody(self, seconds: float = 10.0) -> None:
        """Whoever was let go last is back, by a line that tells of a second after this was asked."""
        seen, deadline = len(self._lines), time.monotonic() + seconds
        while len(self._lines) < seen + 2 or not self.everybody_is_connected():
            assert time.monotonic() < deadline, f"not everybody is back after {seconds} s: {self._lines[-1:]}"
            time.sleep(0.05)

    @property
    def lost(self) -> dict[str, Any]:
        """{count, first, last, by}; times are seconds since 1970."""
        found: dict[str, Any] = self.report["requests"]["total"]["lost"]
        return found

    @property
    def bad(self) -> dict[str, Any]:
        found: dict[str, Any] = self.report["requests"]["total"]["bad"]
        return found

    @property
    def unplanned(self) -> dict[str, Any]:
        found: dict[str, Any] = self.report["agents"]["unplanned"]
        return found

    @property
    def refused(self) -> dict[str, Any]:
        """Agents that could not connect."""
        found: dict[str, Any] = self.report["agents"]["connect_failures"]
        return found

    def trouble_seconds(self) -> float:
        """From the first lost or bad request, or refused agent, to the last."""
        spans = [span for span in (self.lost, self.bad, self.refused) if span["count"]]
        return max(s["last"] for s in spans) - min(s["first"] for s in spans) if spans else 0.0

    def seconds_on(self, color: str) -> float:
        """From the first answer of a color on a new connection to the last."""
        span = self.report["requests"]["fresh"]["colors"].get(color, {"first": 0.0, "last": 0.0})
        return float(span["last"] - span["first"])

    def stays(self) -> list[str]:
        """The colors that users were on, in order. Slow answers overtake each other when traffic moves, so a color
        counts once it gave all answers for half a second."""
        changes = self.report["changes"]
        ends = [change["time"] for change in changes[1:]] + [self.report["started"] + self.report["seconds"]]
        lasting = [c["color"] for c, end in zip(changes, ends, strict=True) if end - c["time"] > 0.5]
        return [color for color, _ in groupby(lasting)]

    def assert_nobody_noticed(self) -> None:
        """Enough users came, and none was lost, answered wrongly, cut off or turned away."""
        self.assert_nobody_noticed_but_full_pods()
        assert self.refused["count"] == 0, self.refused

    def assert_nobody_noticed_but_full_pods(self) -> None:
        """The same, but an agent may have been sent on by a pod that had no room for it."""
        requests, agents = self.report["requests"]["total"], self.report["agents"]
        wanted = (self.users.rate + self.users.kept) * self.report["seconds"]
        assert requests["answered"] >= 0.95 * wanted, self.report
        assert requests["scheduled"] == requests["answered"], self.report
        found = {"lost": self.lost, "bad": self.bad, "unplanned": self.unplanned}
        assert {name: span["count"] for name, span in found.items()} == dict.fromkeys(found, 0), found
        assert agents["echoes"] > 0, agents
        assert agents["wrong_echoes"] == 0, agents
