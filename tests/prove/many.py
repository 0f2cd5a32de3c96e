"""Releases and rollbacks in a row at the size of the design: 500 requests a second, 1,000 agents, 14 pods a color.

What users met is the meter's word; how many sockets a pod held is the pods' own, asked once a second.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from brief_world import BriefWorld
from load_meter import Load, Users
from own_time import own_seconds
from release_world import Ended, await_true

from opsctl.errors import Unreachable
from opsctl.tools.cluster.api import Api
from opsctl.tools.cluster.kubeconfig import connect_by_kubeconfig
from opsctl.tools.metrics_text import read_lines, summed

USERS = Users(rate=350, kept=150, agents=1000)
PODS, MOST_SOCKETS = 14, 100  # pods a color, sockets a pod
BACK_S = 10.0  # an agent's close to its next handshake; one that finds a full pod comes again
_SETTINGS = f"""\
extends: brief.yaml
application: {{agents: {USERS.agents}}}
database: {{pool_max: 10}}
workload: {{replicas: {PODS}, resources: {{cpu: 10m, memory: 64Mi}}}}
release:
  warm_deadline: 180
  gate_deadline: 60
  probe_interval: 2
  drain: {{deadline: 180, reconnects_per_second: 50, batch: 100}}
"""


class ManyWorld(BriefWorld):
    used = "many"

    def create(self) -> None:
        super().create()
        self.add_environment("many", _SETTINGS)


def run(world: ManyWorld, verb: str, number: int, users: Users = USERS) -> dict[str, Any]:
    """A deploy or a rollback. Raises AssertionError where a user noticed, or an agent did not come back."""
    words = ["rollback"]
    if verb == "deploy":
        words = ["deploy", "--image", f"ai-agent-sdk:1.{number % 2 + 1}.0", "--set", f"RUN={time.time()}"]
    with world.load(users) as load, _sockets(world) as sockets:
        ended = world.start(*words, "--output", "json").wait(400)
        await_true(load.everybody_is_connected, "every agent to be back")
    assert ended.exit_code == 0, ended
    load.assert_nobody_noticed_but_full_pods()
    assert 0 < sockets.most <= MOST_SOCKETS, f"a pod held {sockets.most} sockets"
    back = load.report["agents"]["reconnect_ms"]
    assert back, "no agent was moved"
    assert back["max"] <= BACK_S * 1000, f"an agent was away for {back}"
    return _figures(ended, load, sockets, world)


def _figures(ended: Ended, load: Load, sockets: Sockets, world: ManyWorld) -> dict[str, Any]:
    agents, requests = load.report["agents"], load.report["requests"]["total"]
    return {
        "seconds": ended.seconds, "own_s": own_seconds(ended.seconds, world.newest()),
        "requests": requests["answered"], "rate": requests["answered"] / load.report["seconds"],
        "p99_ms": requests["latency_ms"]["p99"], "moved": sum(agents["closes"].values()),
        "refused": agents["connect_failures"]["count"],
        "back_p50_ms": agents["reconnect_ms"]["p50"], "back_max_ms": agents["reconnect_ms"]["max"],
        "most_sockets": sockets.most, "looks": sockets.looks,
    }  # fmt: skip


@dataclass
class Sockets:
    """The most that any pod held in any of so many looks."""

    most: int = 0
    looks: int = 0
    over: threading.Event = field(default_factory=threading.Event)

    def watch(self, api: Api, namespace: str) -> None:
        pods = f"/api/v1/namespaces/{namespace}/pods"
        while not self.over.wait(1):
            for pod in api.get(pods, labelSelector="app.kubernetes.io/component=agent")["items"]:
                self._look(api, f"{pods}/http:{pod['metadata']['name']}:8001/proxy/metrics")

    def _look(self, api: Api, path: str) -> None:
        try:
            answer = api.raw("GET", path)
        except Unreachable:
            return  # a pod that starts or ends
        if answer.status == 200:
            self.looks += 1
            self.most = max(self.most, int(summed(read_lines(answer.body.decode())).get("websocket_connections", 0)))


@contextmanager
def _sockets(world: ManyWorld) -> Iterator[Sockets]:
    state = world.cluster.state
    api, found = Api(connect_by_kubeconfig(Path(state.kubeconfig), state.context)), Sockets()
    looking = threading.Thread(target=found.watch, args=(api, world.namespace))
    looking.start()
    try:
        yield found
    finally:
        found.over.set()
        looking.join(30)


def table(records: Sequence[dict[str, Any]]) -> str:
    """One line a kind of release: medians would hide what this is about, so the worst of each."""
    head = (
        f"{'in a row':<9} {'hold':>7} {'requests':>9} {'per s':>6} {'moved':>7} {'refused':>8} {'back max':>9} "
        f"{'sockets':>8} {'longest':>8}"
    )
    return "\n".join([head, *(_row(verb, records) for verb in ("deploy", "rollback"))])


def _row(verb: str, records: Sequence[dict[str, Any]]) -> str:
    own = [record for record in records if record["name"].startswith(verb)]
    good = [record for record in own if record["ok"]]
    if not good:
        return f"{verb:<9} {0:>3}/{len(own):<3}"
    total = {what: sum(record[what] for record in good) for what in ("requests", "moved", "refused")}
    worst = {what: max(record[what] for record in good) for what in ("back_max_ms", "most_sockets", "seconds")}
    return (
        f"{verb:<9} {len(good):>3}/{len(own):<3} {total['requests']:>9} {min(record['rate'] for record in good):>6.0f} "
        f"{total['moved']:>7} {total['refused']:>8} {worst['back_max_ms'] / 1000:>8.1f}s {worst['most_sockets']:>8} "
        f"{worst['seconds']:>7.0f}s"
    )
