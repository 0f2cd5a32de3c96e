"""A release that slows down, then fails twenty seconds after it got users, through the real flows: only the cluster is
simulated. Its probes get latencies, users and agents, so that there is something to be seen."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from typing import Any

from fakes import POLICY, FakePod, FakeProber, World
from release_runs import last_record, release, wanted

from opsctl.assets import asset
from opsctl.core.color import Color
from opsctl.core.environment import Drain
from opsctl.core.health import Counts, DoorSample, Sample, Service
from opsctl.core.report import report_json
from opsctl.core.sizes import AGENT
from opsctl.core.tape import from_record
from opsctl.flows.deploy import deploy
from opsctl.render.page import page

SLOW = replace(
    POLICY, gate_seconds=8.0, gate_deadline=60.0, bake_seconds=60.0, probe_interval=1.0, warm_deadline=60.0,
    drain=Drain(quiet_seconds=5.0),
)  # fmt: skip
SLOWS_AFTER_S, FAILS_AFTER_S = 9.0, 20.0
RATE = 40.0  # users' requests a second
HOSTILE = '</title><script>alert("x")</script>'


def failed_release(words: str = HOSTILE) -> dict[str, Any]:
    """The report of release 2, which went to green and was rolled back; `words` are wherever others choose them."""
    world = Slowly()
    world.clock.time = 1_790_000_000.0
    release(world, "good:1", SLOW, sizes={AGENT: 3})
    ports = world.ports()
    ports.prober.prober = Lively(world)  # type: ignore[attr-defined]  # below the recording
    settings = {"LOG_LEVEL": "info", "DATABASE_PASSWORD": "hunter2", f"FEATURE{words}": "1"}
    deploy(
        wanted("good:2", sizes={AGENT: 3}, settings=settings, commit="7c2a81a9d1f04c6eb1b23351de7df2253557b7aa"),
        ports,
        SLOW,
    )
    text = f"green-3: could not reach the database at 10.0.3.7:5432{words}"
    record = replace(
        last_record(world), image=f"ai-agent-sdk:2.4.0{words}", evidence=(text, *last_record(world).evidence)
    )
    return report_json("production", record, from_record(json.loads(world.tapes[2])))


def html(report: dict[str, Any]) -> str:
    return page(report, (asset("templates") / "report" / "page.html").read_text(encoding="utf-8"), "0.1.0")


class Slowly(World):
    """The first pod of green fails some time after users came: then it answers 500."""

    def broken(self, pod: FakePod, color: Color) -> frozenset[Service]:
        first = color is Color.GREEN and pod is self.pods(color)[0]
        late = pod.served and self.clock.time - pod.born > SLOW.gate_seconds + FAILS_AFTER_S
        return super().broken(pod, color) | (frozenset({Service.API}) if first and late else frozenset())


class Lively(FakeProber):
    """The fake prober, with what a real one measures."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._moved_at = 0.0
        self._counts: dict[str, Counts] = {}
        self._read_at: dict[str, float] = {}

    def collect(self) -> list[Sample]:
        if self.world.active is Color.GREEN:
            self._moved_at = self._moved_at or self.world.clock.now()
        return [self._measured(sample) for sample in super().collect()]

    def collect_door(self) -> list[DoorSample]:
        return [replace(found, seconds=self._latency(found.color, found.at)) for found in super().collect_door()]

    def _serving(self) -> float:
        return self.world.clock.now() - self._moved_at if self._moved_at else 0.0

    def _measured(self, sample: Sample) -> Sample:
        seconds = self._latency(sample.color, sample.at + sum(sample.pod.encode()) % 7)
        if sample.service is not Service.METRICS:
            return replace(sample, seconds=seconds * (3 if sample.service is Service.WEBSOCKET else 1))
        moved = min(30, int(self._serving() * 1.2))
        sockets = {Color.BLUE: 90 - moved, Color.GREEN: moved}[sample.color]
        return replace(sample, seconds=seconds / 2, sockets=sockets, counts=self._counted(sample))

    def _counted(self, sample: Sample) -> Counts:
        before = self._counts.get(sample.pod, Counts(5000.0))
        grown = 0.0
        if sample.color is self.world.active:
            grown = RATE * (sample.at - self._read_at.get(sample.pod, sample.at))
        pod = next((pod for pod in self.world.pods(sample.color) if pod.name == sample.pod), None)
        broken = pod is not None and Service.API in self.world.broken(pod, sample.color)
        self._read_at[sample.pod] = sample.at
        self._counts[sample.pod] = Counts(before.requests + grown, before.errors + grown * broken)
        return self._counts[sample.pod]

    def _latency(self, color: Color | None, at: float) -> float:
        late = max(0.0, self._serving() - SLOWS_AFTER_S) if color is Color.GREEN else 0.0
        return 0.004 + 0.002 * math.sin(at * 1.7) + 0.0015 * math.sin(at * 0.9) ** 8 * 4 + 0.012 * late**1.4
