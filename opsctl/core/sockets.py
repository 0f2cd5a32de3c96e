"""Agents' sockets: who holds how many, and how many more find a place.

A pod takes no more than its contract says (`services.websocket.max_connections`), of which two are kept for probes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from opsctl.core.snapshot import ColorState

PROBE_PLACES = 2  # of a pod's connections are kept for probes, by docs/app-contract.md
Sockets = Mapping[str, int]
"""Open sockets by pod, as each pod's own metrics said last."""


def places_of(max_connections: int) -> int:
    """Agents that a pod takes."""
    return max(1, max_connections - PROBE_PLACES)


def free_places(new: ColorState, sockets: Sockets) -> int | None:
    """On the pods that serve; None where that is not known."""
    pods = [pod for pod in new.living if pod.ready and pod.in_service and "websocket" in pod.offers]
    if new.services is None or any(pod.name not in sockets for pod in pods):
        return None
    limit = places_of(new.services.websocket.max_connections)
    return sum(max(0, limit - sockets[pod.name]) for pod in pods)


def open_sockets(state: ColorState, sockets: Sockets) -> int | None:
    """Of a whole color; None if no pod said, or not all were asked."""
    known = [sockets[pod.name] for pod in state.pods if pod.name in sockets]
    return sum(known) if known and all(pod.probed for pod in state.pods) else None


def held(state: ColorState, sockets: Sockets, names: Sequence[str]) -> int:
    """Sockets that these pods of a color hold, as far as it is known."""
    return sum(sockets.get(pod.name, 0) for pod in state.pods if pod.name in names)
