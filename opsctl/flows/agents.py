"""How many agents a color holds, asked once, before anything is done."""

from __future__ import annotations

from dataclasses import replace

from opsctl.core.health import Sample, Service
from opsctl.core.snapshot import ColorState
from opsctl.ports.release import ReleasePorts

ANSWER_WITHIN_S = 2.0
TICK_S = 0.02


def agents_of(state: ColorState, ports: ReleasePorts) -> int | None:
    """By its pods' own metrics; None where one of them does not say in time."""
    pods = tuple(pod for pod in state.living if pod.ready and Service.WEBSOCKET.value in pod.offers)
    counts = {sample.pod: sample.sockets for sample in _one_round(replace(state, pods=pods), ports)}
    known = [counts.get(pod.name) for pod in pods]
    return None if None in known else sum(count for count in known if count is not None)


def _one_round(state: ColorState, ports: ReleasePorts) -> list[Sample]:
    ports.prober.begin({state.color: state}, (Service.METRICS,))
    until, found = ports.clock.now() + ANSWER_WITHIN_S, ports.prober.collect()
    while len(found) < len(state.pods) and ports.clock.now() < until:
        ports.clock.sleep(TICK_S)
        found += ports.prober.collect()
    return found
