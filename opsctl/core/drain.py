"""How many agents may be asked to move now: a budget of reconnects, free places where they go, and reasons to pause.

The budget has no memory of good days: a portion of n agents uses up n / `reconnects_per_second` seconds, and the next
may go when they are over. So in any span of time at most that rate times its seconds are asked to move, and one
portion more. A portion is at most a batch; only a pod that is stopped whole may hold more.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from opsctl.core.cadence import intervals
from opsctl.core.color import Color
from opsctl.core.environment import LEAST_RECONNECTS, Drain
from opsctl.core.environment import Release as Policy
from opsctl.core.health import Service, Verdict
from opsctl.core.observation import Observation
from opsctl.core.release import Rollout
from opsctl.core.snapshot import Pod
from opsctl.core.sockets import free_places, held
from opsctl.core.steps import LetGo, Scale, Step, StopPods

ARRIVE_S = 5.0  # an agent that was asked to move shows in a pod's metrics after this: a pause of its own, and a probe
SHOWS_S = 2.0  # that it has gone shows sooner; both later where pods are asked rarely
LONGEST_S = 150.0  # no round of probes that is reckoned with is longer
SAID_NO, SILENCES = " answered ", 2  # in the words of a refusal, where the application gave one; else so many suffice
SLOWER, SLOWER_BY_S = 3.0, 0.25  # handshakes are slow where they take so many times what they took, and so much more


@dataclass(frozen=True)
class Allowance:
    """Agents that may be asked to move now; where there are none, why, unless it is just the budget."""

    agents: int
    why: str = ""


def rate_of(drain: Drain) -> float:
    """Agents a second; where nothing was derived the least that would be."""
    return drain.reconnects_per_second or LEAST_RECONNECTS


def asked(step: Step) -> int:
    """How many agents a step asks to move."""
    if isinstance(step, Scale | StopPods):
        return step.agents
    return sum(count for _, count in step.portions) if isinstance(step, LetGo) else 0


def charged(rollout: Rollout, step: Step, seen: Observation, policy: Policy, now: float) -> Rollout:
    """The rollout with what a step takes of the budget; before it is done, as it may be done and nobody hears."""
    if not asked(step):
        return rollout
    kept = max(_shows(ARRIVE_S, seen, policy, color) for color in Color)
    recent = tuple(move for move in rollout.moved if now - move[0] < kept)
    return replace(rollout, moved=(*recent, (now, asked(step))))


def free_again(moved: Sequence[tuple[float, int]], rate: float, now: float) -> float:
    """When the budget is free again, by when how many were asked to move; another computer's clock may be ahead."""
    return min(moved[-1][0], now) + moved[-1][1] / rate if moved else 0.0


def seconds_left(rollout: Rollout, agents: int, drain: Drain, now: float) -> float:
    """What the budget needs for these agents."""
    rate = rate_of(drain)
    return max(0.0, free_again(rollout.moved, rate, now) - now) + agents / rate


def holds(seen: Observation, color: Color) -> dict[str, int]:
    """Sockets by living pod of a color; a pod of which nothing is known is missing.

    A container that does not run holds none. Where a color's metrics are broken no number will ever come: its pods are
    taken to be full.
    """
    state, health = seen.state(color), seen.health.get(color)
    metrics = health.services.get(Service.METRICS) if health else None
    full = state.services and metrics and metrics.verdict is Verdict.UNHEALTHY
    found = {pod.name: 0 if _holds_nobody(pod) else seen.sockets.get(pod.name) for pod in state.living}
    if full and state.services:
        limit = state.services.websocket.max_connections
        found = {name: limit if count is None else count for name, count in found.items()}
    return {name: count for name, count in found.items() if count is not None}


def _holds_nobody(pod: Pod) -> bool:
    return bool(pod.waiting) or Service.WEBSOCKET.value not in pod.offers


def _shows(least: float, seen: Observation, policy: Policy, color: Color) -> float:
    """Seconds until what happened on a color is in its pods' metrics: a round of probes, and a moment."""
    assert seen.snapshot is not None, "who has seen nothing moves nobody"
    return min(LONGEST_S, max(least, intervals(seen.snapshot, policy)[color] + 1.0))


def allowance(rollout: Rollout, seen: Observation, policy: Policy, now: float, leaving: Color) -> Allowance:
    """How many of this color's agents may be asked to move to the other one now."""
    to, old = leaving.other, seen.state(leaving)
    pause = _reluctant(rollout, seen, to)
    free = free_places(seen.state(to), seen.sockets)
    if pause or free is None:
        return Allowance(0, pause or f"{to} does not say how many agents it holds")
    closing = held(old, seen.sockets, [pod.name for pod in old.pods if pod.terminating])
    arrive = _shows(ARRIVE_S, seen, policy, to)
    on_their_way = max(closing, sum(count for at, count in rollout.moved if now - at < arrive))
    free = max(0, free - on_their_way)
    if not free:
        return Allowance(0, f"{to} has no free places")
    budget = now >= free_again(rollout.moved, rate_of(policy.drain), now)
    return Allowance(free) if budget else Allowance(0)


def _reluctant(rollout: Rollout, seen: Observation, to: Color) -> str:
    """Why agents had better not move to a color now; empty where nothing speaks against it."""
    health = seen.health.get(to)
    judged = health.services.get(Service.WEBSOCKET) if health else None
    if judged and (judged.verdict is not Verdict.HEALTHY or judged.since is not None):
        return f"{to} may refuse WebSockets: {judged.detail}"
    took, before = seen.handshakes.get(to), rollout.handshake_s
    if took is not None and before is not None and took > max(SLOWER * before, before + SLOWER_BY_S):
        return f"{to} shakes hands slowly: {took:.2f} s, {before:.2f} before"
    return ""


def pods_to_go(pods: Sequence[Pod], holding: Mapping[str, int], may: int, batch: int) -> tuple[Pod, ...]:
    """The first of `pods` that may be stopped whole. Empty ones always may, and one of which nothing is known never."""
    going: list[Pod] = []
    total = 0
    for pod in pods:
        count = holding.get(pod.name)
        if count is None or total + count > may:
            break
        if total and total + count > batch:
            break
        total += count
        going.append(pod)
    return tuple(going)


def still_shown(rollout: Rollout, seen: Observation, policy: Policy, now: float, leaving: Color) -> int:
    """Agents that were asked to go and that their pods' metrics may count as if they had not been."""
    rate, shows = rate_of(policy.drain), _shows(SHOWS_S, seen, policy, leaving)
    return sum(count for at, count in rollout.moved if now - at < shows + count / rate)


def portions(pods: Sequence[Pod], holding: Mapping[str, int], most: int, shown: int) -> tuple[tuple[str, int], ...]:
    """From which pods how many are asked to move: pod by pod, so that each is empty soon and can go.

    So the `shown`, who were asked before and are counted still, are on the first of them.
    """
    found: list[tuple[str, int]] = []
    for pod in sorted(pods, key=lambda pod: holding.get(pod.name, 0)):
        count = holding.get(pod.name, 0)
        asked_before = min(shown, count)
        now = min(most, count - asked_before)
        if now:
            found.append((pod.name, now))
        shown, most = shown - asked_before, most - now
    return tuple(found)


def by_endpoint(rollout: Rollout, drain: Drain) -> bool:
    """An application that said no once is not asked again, nor one that was silent several times: its pods are stopped
    instead, which any understands."""
    refusals = [entry.detail for entry in rollout.entries if entry.what.startswith("refused let ")]
    said_no = any(SAID_NO in detail for detail in refusals)
    return drain.method == "endpoint" and not said_no and len(refusals) < SILENCES


def first_stopped(pods: Sequence[Pod], holding: Mapping[str, int]) -> list[Pod]:
    """In the order in which they have to be reckoned with where Kubernetes chooses: those that are not ready go first,
    of the others it may be the fullest; one of which nothing is known may be fuller still."""
    return sorted(pods, key=lambda pod: (pod.ready, -holding.get(pod.name, 1_000_000)))
