"""What is kept of a release: all that the probes said, from both colors, and why each phase ended."""

from __future__ import annotations

import json

import pytest
from fakes import POLICY, World
from release_runs import last_record, once, release, wanted

from opsctl.core.color import Color
from opsctl.core.health import Result
from opsctl.core.release import Outcome
from opsctl.core.series import Source, total
from opsctl.core.tape import Tape, from_record
from opsctl.flows.deploy import deploy
from opsctl.flows.recording import Recorder
from opsctl.flows.steer import resume


def tape(world: World, number: int) -> Tape:
    return from_record(json.loads(world.tapes[number]))


def test_a_release_that_fails_leaves_both_colors_samples_and_why(served: World) -> None:
    began = served.clock.now()
    assert release(served, "late-500:1").outcome is Outcome.ROLLED_BACK
    found = tape(served, 2)
    api = found.series.of(Source.API)
    assert total(api[Color.BLUE]).failed == 0 < total(api[Color.BLUE]).asked
    assert 0 < total(api[Color.GREEN]).failed < total(api[Color.GREEN]).asked
    assert total(found.series.of(Source.DOOR)[Color.GREEN]).failed > 0
    assert {point.sockets for point in found.series.of(Source.METRICS)[Color.BLUE]} >= {14}
    assert min(point.at for points in found.series.lanes.values() for point in points) >= int(began)
    back = next(decided for decided in found.decisions if decided.what == "go on to rolling_back")
    verdicts = {(verdict.about, verdict.color): verdict for verdict in back.found}
    assert (verdicts["api", "green"].verdict, verdicts["api", "blue"].verdict) == ("unhealthy", "healthy")
    assert back.why in (verdicts["as a whole", "green"].detail, "front door: " + verdicts["front door", ""].detail)


def test_every_sample_is_in_it_once(served: World) -> None:
    ports = served.ports()
    asked = []
    collect = ports.prober.prober.collect  # type: ignore[attr-defined]  # below the recording
    ports.prober.prober.collect = lambda: asked.extend(found := collect()) or found  # type: ignore[attr-defined]
    deploy(wanted("good:2"), ports, POLICY)
    series = tape(served, 2).series
    kept = [total(points) for lane, points in series.lanes.items() if lane.source not in (Source.DOOR, Source.USERS)]
    assert sum(point.asked for point in kept) == len(asked) > 20
    assert sum(point.failed for point in kept) == sum(sample.result is Result.FAILED for sample in asked)


def test_who_resumes_goes_on_with_what_is_stored(served: World) -> None:
    served.at_point = once("after switch to green", served.kill)
    with pytest.raises(BaseException):  # noqa: B017, PT011  # killed
        release(served, "good:2")
    served.bury()
    before = total(tape(served, 2).series.of(Source.API)[Color.GREEN]).asked
    assert resume(served.ports(), POLICY).outcome is Outcome.SUCCEEDED
    after = tape(served, 2)
    assert total(after.series.of(Source.API)[Color.GREEN]).asked > before > 0
    assert [decided.what for decided in after.decisions][:2] == ["go on to gating", "go on to cutover"]


def test_each_release_of_one_process_has_its_own(served: World) -> None:
    release(served, "good:2")
    release(served, "good:3")
    assert tape(served, 3).decisions[0].at > tape(served, 2).decisions[-1].at


def test_nothing_of_it_can_fail_a_release(served: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*words: object) -> None:
        raise RuntimeError("a defect")

    for method in ("heard", "saw", "ended"):
        monkeypatch.setattr(Recorder, method, broken)
    assert release(served, "good:2").outcome is Outcome.SUCCEEDED
    assert 2 not in served.tapes


def test_the_commit_is_on_record_and_goes_with_what_is_gone_back_to(served: World) -> None:
    release(served, "good:2", commit="c0ffee")
    assert last_record(served).commit == "c0ffee"
