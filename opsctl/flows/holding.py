"""Work under the lock, and give it back whatever happens."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from opsctl.flows.boundaries import passed
from opsctl.ports import Lock


@contextmanager
def holding(lock: Lock, reason: str) -> Iterator[None]:
    """`reason` completes the sentence "<who> …", as in "deploys release 14"."""
    lock.acquire(reason)
    try:
        passed("after lock")
        yield
    finally:
        lock.release()
