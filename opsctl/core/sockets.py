"""Agents' sockets while the old color drains: whoever has to leave a pod needs a free place on the new color first.

A pod takes no more sockets than its contract says (`services.websocket.max_connections`), so old pods may only go as
far as there is room; otherwise agents would be turned away. Where pods do not say how many sockets they hold, nothing
is known, and the drain goes on as if there were room.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from opsctl.core.snapshot import ColorState, Pod

Sockets = Mapping[str, int]
"""Open sockets by pod, as each pod's own metrics said last."""


def free_places(new: ColorState, sockets: Sockets) -> int | None:
    """On the pods that serve; None where that is not known."""
    pods = [pod for pod in new.living if pod.ready and pod.in_service and "websocket" in pod.offers]
    if new.services is None or any(pod.name not in sockets for pod in pods):
        return None
    limit = new.services.websocket.max_connections
    return sum(max(0, limit - sockets[pod.name]) for pod in pods)


def may_go(pods: Sequence[Pod], old: ColorState, new: ColorState, sockets: Sockets) -> tuple[Pod, ...]:
    """The first of `pods`, all of the old color, whose agents find room beside those who are moving already."""
    free = free_places(new, sockets)
    if free is None:
        return tuple(pods)
    free -= held(old, sockets, [pod.name for pod in old.pods if pod.terminating])
    going: list[Pod] = []
    for pod in pods:
        free -= sockets.get(pod.name, 0)
        if free < 0:
            break
        going.append(pod)
    return tuple(going)


def open_sockets(state: ColorState, sockets: Sockets) -> int | None:
    """Of a whole color; None if no pod said."""
    known = [sockets[pod.name] for pod in state.pods if pod.name in sockets]
    return sum(known) if known else None


def held(state: ColorState, sockets: Sockets, names: Sequence[str]) -> int:
    """Sockets that these pods of a color hold, as far as it is known."""
    return sum(sockets.get(pod.name, 0) for pod in state.pods if pod.name in names)
