"""The schedule does not depend on answers, nor on how punctual its timer is."""

from __future__ import annotations

import asyncio
import time

import pytest

from opsctl.sandbox.load.schedule import Schedule


def run_schedule(rate: float, seconds: float, send) -> None:
    async def run() -> None:
        start = asyncio.get_running_loop().time()
        Schedule(rate, start, start + seconds, lambda due: send(due - start))
        await asyncio.sleep(seconds + 0.1)

    asyncio.run(run())


@pytest.mark.parametrize(("rate", "count"), [(1000, 200), (7, 2), (0, 0)])
def test_exactly_rate_times_duration(rate, count):
    dues: list[float] = []
    run_schedule(rate, 0.2, dues.append)
    assert dues == pytest.approx([number / rate for number in range(count)])


def test_what_a_stall_held_up_is_still_sent_each_with_its_own_due_time():
    dues: list[float] = []

    def stall_once(due: float) -> None:
        dues.append(due)
        if len(dues) == 10:
            time.sleep(0.1)

    run_schedule(200, 0.4, stall_once)
    assert dues == pytest.approx([number / 200 for number in range(80)])


def test_stop():
    dues: list[float] = []

    async def run() -> None:
        start = asyncio.get_running_loop().time()
        schedule = Schedule(1000, start, start + 10, dues.append)
        await asyncio.sleep(0.05)
        schedule.stop()
        seen = len(dues)
        await asyncio.sleep(0.05)
        assert len(dues) == seen > 0

    asyncio.run(run())
