"""Work under the lock, and give it back whatever happens."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from opsctl.errors import Interrupted, LockHeld
from opsctl.flows.boundaries import passed
from opsctl.flows.patience import answered
from opsctl.ports.access import Lock
from opsctl.ports.release import ReleasePorts

AGAIN_S = 0.5  # between two tries to take a lock that is waited for


@contextmanager
def holding(ports: ReleasePorts, reason: str) -> Iterator[None]:
    """`reason` completes the sentence "<who> …", as in "deploys release 14"."""
    answered(lambda: ports.lock.acquire(reason), ports)
    with giving_back(ports.lock):
        yield


@contextmanager
def giving_back(lock: Lock) -> Iterator[None]:
    """For a lock that is held already."""
    try:
        passed("after lock")
        yield
    finally:
        lock.release()


def take_turn(
    ports: ReleasePorts, reason: str, seconds: float, meanwhile: Callable[[LockHeld], None] = lambda held: None
) -> None:
    """Take the lock, if need be after whoever has it; `meanwhile` is called after each refusal, and may raise.

    Raises LockHeld after `seconds`, Interrupted at Ctrl-C.
    """
    deadline = ports.clock.now() + seconds
    try:
        while not _taken(ports, reason, deadline, meanwhile):
            ports.clock.sleep(AGAIN_S)
    except KeyboardInterrupt:
        raise Interrupted(
            "interrupted while waiting for the lock", state="Nothing was done.", hint="opsctl lock show"
        ) from None


def _taken(ports: ReleasePorts, reason: str, deadline: float, meanwhile: Callable[[LockHeld], None]) -> bool:
    try:
        answered(lambda: ports.lock.acquire(reason), ports)
        return True
    except LockHeld as held:
        left = deadline - ports.clock.now()
        if left <= 0:
            raise
        ports.watching.waits(held.message, left)
        meanwhile(held)
        return False
