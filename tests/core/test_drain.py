"""The drain as a whole, played with pods and agents of any number: whatever they do, what is promised of it holds.

Kubernetes, the application and agents are a few lines here: pods close what they hold when they are stopped or asked,
agents come back to the new color a moment later, metrics lag behind, and some pods say nothing for a while.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import hypothesis.strategies as st
import pytest
from fakes import POLICY
from hypothesis import given, settings

from opsctl.core.color import Color
from opsctl.core.decisions import Act, Decision, End, Enter
from opsctl.core.drain import charged
from opsctl.core.environment import Drain, Services
from opsctl.core.environment import Release as Policy
from opsctl.core.health import ColorHealth, Judgement, Verdict
from opsctl.core.observation import Observation
from opsctl.core.release import Kind, Outcome, Phase, Rollout
from opsctl.core.rollout import decide
from opsctl.core.sizes import AGENT
from opsctl.core.snapshot import ColorState, Pod, Snapshot, TrafficState
from opsctl.core.sockets import places_of
from opsctl.core.steps import LetGo, Scale, StopPods

PLACES = places_of(Services().websocket.max_connections)
TICK_S, LAG_S, CLOSES_S, STARTS_S = 0.5, 1.0, 2.0, 1.5
DEADLINE_S = 60.0
HEALTHY = {color: ColorHealth(Verdict.HEALTHY, "2/2 pods") for color in Color}


@dataclass
class Place:
    """A pod. It says how many agents it holds from `speaks_at` on."""

    name: str
    agents: int = 0
    speaks_at: float = 0.0
    ready_at: float = 0.0
    ends: float | None = None


@dataclass
class Play:
    """One drain of a color, or of a failed one after traffic went back, with a clock of its own."""

    phase: Phase
    policy: Policy
    places: dict[Color, list[Place]]
    now: float = 0.0
    moves: list[tuple[float, int]] = field(default_factory=list)
    guessed: list[str] = field(default_factory=list)  # pods that were stopped though nobody knew what they hold
    away: list[float] = field(default_factory=list)  # agents on their way: when each comes back
    turned_away: int = 0
    said: dict[str, int] = field(default_factory=dict)

    @property
    def leaving(self) -> Color:
        return Color.BLUE if self.phase is Phase.DRAINING else Color.GREEN

    def run(self) -> tuple[Rollout, End | Enter]:
        rollout = self.rollout()
        while True:
            self.pass_time()
            seen = self.look()
            decision: Decision = decide(rollout, seen, self.policy, self.now)
            if isinstance(decision, End | Enter):
                return rollout, decision
            if isinstance(decision, Act):
                rollout = charged(rollout, decision.step, seen, self.policy, self.now)
                self.do(decision.step)
            assert self.now < 3 * DEADLINE_S, f"no end in sight: {decision}"

    def rollout(self) -> Rollout:
        pods = self.places[Color.BLUE]
        return Rollout(
            id=2, kind=Kind.DEPLOY, release=2, color=Color.GREEN, origin=Color.BLUE, image="a:2", settings={},
            sizes={AGENT: len(self.places[Color.GREEN])}, started_at=0.0,
            started_by="ana", phase=self.phase, phase_since=0.0,
            origin_release=1, origin_sizes={AGENT: len(pods)}, leaving=tuple(pod.name for pod in pods), why="trouble",
        )  # fmt: skip

    def pass_time(self) -> None:
        self.now += TICK_S
        for pod in self.places[self.leaving]:
            if pod.ends is not None and pod.ends <= self.now:
                self.close(pod, pod.agents)
        self.places[self.leaving] = [p for p in self.places[self.leaving] if p.ends is None or p.ends > self.now]
        for _ in [at for at in self.away if at <= self.now]:
            free = [pod for pod in self.places[self.leaving.other] if pod.agents < PLACES]
            self.turned_away += not free
            if free:
                random.choice(free).agents += 1
        self.away = [at for at in self.away if at > self.now]
        if self.now % LAG_S == 0:
            self.said = {
                pod.name: pod.agents for color in Color for pod in self.places[color]
                if pod.speaks_at <= self.now and pod.ready_at <= self.now and pod.ends is None
            } | {name: count for name, count in self.said.items() if name in self.ending()}  # fmt: skip

    def ending(self) -> set[str]:
        return {pod.name for pod in self.places[self.leaving] if pod.ends is not None}

    def close(self, pod: Place, agents: int) -> None:
        pod.agents -= agents
        self.away += [self.now + random.choice((0.0, 0.5, 1.0))] * agents

    def look(self) -> Observation:
        active = Color.GREEN if self.phase is Phase.DRAINING else Color.BLUE
        states = {color: self.state(color) for color in Color}
        return Observation(
            self.now, Snapshot(self.now, (TrafficState("service", active),), states), HEALTHY, {},
            Judgement(Verdict.HEALTHY, "HTTP 200"), active, sockets=dict(self.said),
        )  # fmt: skip

    def state(self, color: Color) -> ColorState:
        pods = tuple(
            Pod(pod.name, (ready := pod.ready_at <= self.now and pod.ends is None), 0, "a", pod.ends is not None,
                in_service=ready)
            for pod in self.places[color]
        )  # fmt: skip
        living = sum(not pod.terminating for pod in pods)
        return ColorState(color, 1 if color is Color.BLUE else 2, "a", {AGENT: living}, True, pods, Services())

    def do(self, step: object) -> None:
        living = [pod for pod in self.places[self.leaving] if pod.ends is None]
        if isinstance(step, LetGo):
            assert step.color is self.leaving
            self.asked(sum(count for _, count in step.portions), self.policy.drain.batch)
            for pod in living:
                self.close(pod, min(pod.agents, dict(step.portions).get(pod.name, 0)))
            return
        assert isinstance(step, StopPods | Scale)
        assert step.color is self.leaving
        if isinstance(step, StopPods):
            stopped = [pod for pod in living if pod.name in step.pods]
        else:  # of those that are ready Kubernetes may stop any
            stopped = sorted(living, key=lambda pod: (pod.ready_at <= self.now, random.random()))
            stopped = stopped[: len(living) - step.sizes[AGENT]]
        self.stop(stopped)
        if isinstance(step, StopPods):
            made = [Place(f"{pod.name}+", ready_at=self.now + STARTS_S, speaks_at=pod.speaks_at) for pod in stopped]
            self.places[self.leaving] += made

    def stop(self, pods: Sequence[Place]) -> None:
        if self.now <= DEADLINE_S:
            self.guessed += [pod.name for pod in pods if pod.name not in self.said]
            self.asked(sum(pod.agents for pod in pods), max([self.policy.drain.batch, *(pod.agents for pod in pods)]))
        for pod in pods:
            pod.ends = self.now + CLOSES_S

    def asked(self, agents: int, portion: int) -> None:
        assert agents <= portion, f"{agents} at once, the portion is {portion}"
        if agents:
            self.moves.append((self.now, agents))

    def most_over_rate(self) -> float:
        """Agents asked to move in any span of time, less what the rate allows in it and its last portion."""
        rate = self.policy.drain.reconnects_per_second or 0
        return max(_spans(self.moves, rate), default=0.0)


def _spans(moves: Sequence[tuple[float, int]], rate: float) -> Iterator[float]:
    for first, (start, _) in enumerate(moves):
        for last in range(first, len(moves)):
            end, _ = moves[last]
            yield sum(count for _, count in moves[first:last]) - rate * (end - start)


holds = st.lists(st.integers(0, PLACES), min_size=1, max_size=6)
drains = st.builds(
    Drain,
    method=st.sampled_from(["terminate", "endpoint"]),
    reconnects_per_second=st.sampled_from([2.0, 5.0, 20.0, 200.0]),
    batch=st.integers(1, 60),
    quiet_seconds=st.just(0.5),
    deadline=st.just(DEADLINE_S),
)
plays = st.builds(
    lambda phase, drain, standby, leaving, taking, mute: Play(
        phase, replace(POLICY, drain=drain, standby=standby), _places(phase, leaving, taking, mute)
    ),
    phase=st.sampled_from([Phase.DRAINING, Phase.ROLLING_BACK]),
    drain=drains,
    standby=st.sampled_from(["full", 0, 1]),
    leaving=holds,
    taking=holds,
    mute=st.sampled_from([0.0, 0.0, 10.0, 10_000.0]),
)


def _places(phase: Phase, leaving: list[int], taking: list[int], mute: float) -> dict[Color, list[Place]]:
    """One pod of the color that is left says nothing for so long."""
    color = Color.BLUE if phase is Phase.DRAINING else Color.GREEN
    made = {which: [Place(f"{which}-{n}", count) for n, count in enumerate(counts)]
            for which, counts in ((color, leaving), (color.other, taking))}  # fmt: skip
    made[color][0].speaks_at = mute
    return made


@pytest.mark.exhaustive
@given(plays, st.randoms(use_true_random=False))
@settings(max_examples=300, deadline=None)
def test_a_drain_keeps_to_its_budget_and_ends(play: Play, chance: random.Random) -> None:
    random.seed(chance.random())
    agents = sum(pod.agents for color in Color for pod in play.places[color])
    rollout, end = play.run()
    assert isinstance(end, End)
    assert end.outcome is (Outcome.SUCCEEDED if play.phase is Phase.DRAINING else Outcome.ROLLED_BACK)
    assert play.now <= DEADLINE_S + 3 * TICK_S, "it waits no longer than its deadline"
    assert play.most_over_rate() <= 1e-6, play.moves
    assert play.guessed == [], "a pod was stopped though nobody knew what it holds"
    assert all(pod.agents <= PLACES for pod in play.places[play.leaving.other])
    if play.now < DEADLINE_S:
        assert play.turned_away == 0
    here = sum(pod.agents for color in Color for pod in play.places[color])
    assert here + len(play.away) + play.turned_away == agents, "agents are neither made nor lost"
    assert len(rollout.moved) <= 12, "a record does not grow with its drain"
