"""Looking at Terraform's lock, and taking it from the dead. It is held, free, or nobody can tell."""

from __future__ import annotations

from opsctl.core.lease import Life
from opsctl.core.state_lock import SeenLock, judge, sentence, way_out
from opsctl.errors import LockHeld, ToolFailed, Unreachable
from opsctl.ports.terraform import StateLockPorts


def look(ports: StateLockPorts) -> SeenLock | None:
    """None where it is free. Raises Unreachable where that cannot be told."""
    lock = ports.locks.read()
    return judge(lock, ports.locks.runs(), ports.host) if lock else None


def with_a_face(ports: StateLockPorts, held: LockHeld) -> LockHeld:
    """What is known of the lock that was met; the error as it was where it is free by now, or nobody can tell."""
    try:
        seen = look(ports)
    except Unreachable:
        return held
    if seen is None:
        return held
    return LockHeld(f"Terraform's state is {sentence(seen, ports.now())}", state=held.state, hint=way_out(seen))


def unlock(ports: StateLockPorts, named: str | None = None) -> SeenLock | None:
    """Take it from a holder that is dead, or that a person has `named` by the lock's id; None where nobody had it.

    Raises LockHeld where the holder lives or may live, ToolFailed where the lock is still there afterwards.
    """
    seen = look(ports)
    if seen is None:
        return None
    if seen.life is Life.ALIVE or (seen.life is Life.UNKNOWN and named != seen.lock.id):
        raise LockHeld(
            f"Terraform's state is {sentence(seen, ports.now())}", state="Nothing was changed.", hint=way_out(seen)
        )
    ports.locks.unlock(seen.lock)
    _make_sure(ports, seen)
    return seen


def _make_sure(ports: StateLockPorts, released: SeenLock) -> None:
    try:
        left = ports.locks.read()
    except Unreachable as error:
        raise Unreachable(
            f"Terraform said that it gave the lock back, but whether it is free could not be told: {error.message}",
            state="The lock may be free.", hint="opsctl lock show",
        ) from error  # fmt: skip
    if left is not None and left.id == released.lock.id:
        raise ToolFailed(
            f"Terraform said that it gave the lock back, but {left.who} still holds it",
            state="The state is locked.", hint="opsctl lock show; check that these credentials may delete the object",
        )  # fmt: skip
