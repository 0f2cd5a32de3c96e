"""Keeping what a release saw: whatever the probes say and the loop decides passes by here, and is stored now and then.

`recording` puts itself between the flows and two of their ports, so that no flow knows of it. It is for people after
the event: nothing that a release does waits for it, and no failure of it, not even a defect, is one of the release.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace

from opsctl.core.checkup import Finding
from opsctl.core.color import Color
from opsctl.core.decisions import Decision, Enter
from opsctl.core.guarding import Guarding
from opsctl.core.health import Counts, DoorSample, Sample, Service
from opsctl.core.observation import Observation
from opsctl.core.release import Phase, Rollout
from opsctl.core.samples import of_door, of_probes, of_sockets, of_users
from opsctl.core.series import Series
from opsctl.core.snapshot import ColorState, Snapshot
from opsctl.core.tape import MOST_DECISIONS, Decided, Tape, decided
from opsctl.ports.audience import Watching
from opsctl.ports.cluster import Clock
from opsctl.ports.evidence import Prober
from opsctl.ports.records import Tapes
from opsctl.ports.release import ReleasePorts

STORE_S = 10.0
LAST_STORE_S = 2.0  # the end of a release is held up no longer than this
BEFORE_S = 60.0  # what was seen before the rollout began belongs to it, as where a guard found why to go back


def recording(ports: ReleasePorts, tapes: Tapes) -> ReleasePorts:
    """The same ports, with what passes through them kept."""
    recorder = Recorder(ports.clock, tapes)
    return replace(
        ports, prober=_Listening(ports.prober, recorder), watching=_Following(ports.watching, recorder),
    )  # fmt: skip


class Recorder:
    """What this process has seen. Samples of one second are put together when that second is over."""

    def __init__(self, clock: Clock, tapes: Tapes) -> None:
        self.clock, self.tapes = clock, tapes
        self._series, self._decisions = Series(), list[Decided]()
        self._samples, self._door = list[Sample](), list[DoorSample]()
        self._counts: dict[str, Counts] = {}
        self._rollout: int | None = None
        self._second = self._sockets_at = 0
        self._stored_at = 0.0

    def heard(self, samples: Sequence[Sample], door: Sequence[DoorSample]) -> None:
        second = int(self.clock.now())
        if second != self._second:
            self._put_together(second)
        self._samples += samples
        self._door += door

    def saw(self, rollout: Rollout, seen: Observation, decision: Decision) -> None:
        now = self.clock.now()
        if rollout.id != self._rollout:
            self._rollout, self._stored_at = rollout.id, now - STORE_S
        self._note(decided(rollout, seen, decision))
        if int(seen.at) != self._sockets_at:
            self._sockets_at = int(seen.at)
            self._series = self._series.joined(of_sockets(seen.at, _sockets(seen)))
        if now - self._stored_at >= STORE_S or _moves_users(decision):
            self._stored_at = now
            self.tapes.store(rollout, self._tape(rollout))

    def ended(self, rollout: Rollout) -> None:
        """Whatever comes next is another rollout's."""
        self._put_together(int(self.clock.now()))
        self.tapes.finish(rollout, self._tape(rollout), LAST_STORE_S)
        self._series, self._rollout = Series(), None
        self._decisions.clear()

    def _tape(self, rollout: Rollout) -> Tape:
        return Tape(self._series.since(rollout.started_at - BEFORE_S), tuple(self._decisions))

    def _put_together(self, second: int) -> None:
        self._second = second
        users, self._counts = of_users(self._samples, self._counts)
        for more in (of_probes(self._samples), of_door(self._door), users):
            self._series = self._series.joined(more)
        if self._rollout is None:
            self._series = self._series.since(second - BEFORE_S)
        self._samples.clear()
        self._door.clear()

    def _note(self, made: Decided | None) -> None:
        """One that is made again and again while the cluster takes no writes is one."""
        last = self._decisions[-1] if self._decisions else None
        if made and (last is None or (made.phase, made.what, made.why) != (last.phase, last.what, last.why)):
            self._decisions = [*self._decisions, made][-MOST_DECISIONS:]


def _moves_users(decision: Decision) -> bool:
    """From then on this process may be replaced by a guard, which is to find what led there."""
    return isinstance(decision, Enter) and decision.phase is Phase.CUTOVER


def _sockets(seen: Observation) -> dict[Color, int]:
    """Of each color of which some pod has said how many it has."""
    if seen.snapshot is None:
        return {}
    told = {
        color: [seen.sockets[pod.name] for pod in state.pods if pod.name in seen.sockets]
        for color, state in seen.snapshot.colors.items()
    }
    return {color: sum(numbers) for color, numbers in told.items() if numbers}


class _Listening:
    """The port `Prober`."""

    def __init__(self, prober: Prober, recorder: Recorder) -> None:
        self.prober, self.recorder = prober, recorder

    def begin(self, colors: Mapping[Color, ColorState], services: Collection[Service]) -> None:
        self.prober.begin(colors, services)

    def begin_door(self, color: Color) -> None:
        self.prober.begin_door(color)

    def collect(self) -> list[Sample]:
        found = self.prober.collect()
        with suppress(Exception):
            self.recorder.heard(found, ())
        return found

    def collect_door(self) -> list[DoorSample]:
        found = self.prober.collect_door()
        with suppress(Exception):
            self.recorder.heard((), found)
        return found

    def give_up(self) -> None:
        self.prober.give_up()


class _Following:
    """The port `Watching`."""

    def __init__(self, watching: Watching, recorder: Recorder) -> None:
        self.watching, self.recorder = watching, recorder

    def waits(self, held: str, left: float) -> None:
        self.watching.waits(held, left)

    def checked(self, findings: Sequence[Finding]) -> None:
        self.watching.checked(findings)

    def began(self, rollout: Rollout, before: Snapshot) -> None:
        self.watching.began(rollout, before)

    def saw(self, rollout: Rollout, seen: Observation, decision: Decision) -> None:
        with suppress(Exception):
            self.recorder.saw(rollout, seen, decision)
        self.watching.saw(rollout, seen, decision)

    def ended(self, rollout: Rollout) -> None:
        with suppress(Exception):
            self.recorder.ended(rollout)
        self.watching.ended(rollout)

    def guards(self, rollout: Rollout, seen: Observation, passed: float, of: float, found: Guarding) -> None:
        self.watching.guards(rollout, seen, passed, of, found)

    def hook_says(self, who: str, line: str) -> None:
        self.watching.hook_says(who, line)
