"""Samples to verdicts: what is believed after how much, and what is never believed at all."""

from __future__ import annotations

from dataclasses import replace

import pytest
from fakes import POLICY
from hypothesis import given
from hypothesis import strategies as st

from opsctl.core.color import Color
from opsctl.core.health import DoorSample, Result, Sample, Service, Verdict, pod_trouble
from opsctl.core.judge import judge_color, judge_door, judge_service
from opsctl.core.snapshot import ColorState, Pod

NOW = 100.0
LETTERS = {".": Result.PASSED, "x": Result.FAILED, "?": Result.UNKNOWN}


def series(text: str, pod: str = "p", service: Service = Service.API, ago: float = 0.0) -> list[Sample]:
    """'..x?' is four samples, a second apart, the last one `ago` seconds old."""
    last = NOW - ago - len(text) + 1
    return [
        Sample(last + n, Color.GREEN, pod, service, LETTERS[letter], "HTTP 500" if letter == "x" else "")
        for n, letter in enumerate(text)
    ]


def service(*pods: str, ago: float = 0.0) -> tuple[Verdict, str]:
    found = judge_service({f"p{n}": series(text, f"p{n}", ago=ago) for n, text in enumerate(pods)}, POLICY, NOW)
    return found.verdict, found.detail


@pytest.mark.parametrize(
    ("pods", "verdict", "detail"),
    [
        (["."], Verdict.HEALTHY, "1/1"),
        ([".", "."], Verdict.HEALTHY, "2/2"),
        (["xxx.", "."], Verdict.HEALTHY, "2/2"),
        ([".", ""], Verdict.UNKNOWN, "1/2 pods proved"),
        ([], Verdict.UNKNOWN, "0/0 pods proved"),
        ([".x", "."], Verdict.UNKNOWN, "1/2 pods proved"),  # one failure is noise, and no proof either
        ([".xx", "."], Verdict.UNKNOWN, "1/2 pods proved"),
        ([".xxx", "."], Verdict.UNHEALTHY, "HTTP 500 on 1 of 2 pods"),
        ([".x", ".x"], Verdict.UNKNOWN, "0/2 pods proved"),
        ([".xx", ".xx"], Verdict.UNHEALTHY, "HTTP 500 on 2 of 2 pods"),  # all alike: two suffice
        ([".xx", ".x"], Verdict.UNKNOWN, "0/2 pods proved"),
        (["xx?x?", "."], Verdict.UNHEALTHY, "HTTP 500 on 1 of 2 pods"),  # silence neither breaks nor lengthens a run
        (["x??", "."], Verdict.UNKNOWN, "1/2 pods proved"),
        ([".?", "."], Verdict.UNKNOWN, "1/2 pods proved"),
        (["?????", "?????"], Verdict.UNKNOWN, "0/2 pods proved"),
        (["xx.xx", "."], Verdict.UNKNOWN, "1/2 pods proved"),
    ],
)
def test_a_service_over_its_pods(pods: list[str], verdict: Verdict, detail: str) -> None:
    assert service(*pods) == (verdict, detail)


def test_an_old_pass_proves_nothing() -> None:
    stale = 2 * POLICY.probe_interval + POLICY.probe_timeout + 1.0
    assert service(".", ago=stale)[0] is Verdict.HEALTHY
    assert service(".", ago=stale + 0.1)[0] is Verdict.UNKNOWN


def test_trouble_is_dated_by_its_first_sample() -> None:
    found = judge_service({"p": series(".xxx")}, POLICY, NOW)
    assert found.since == NOW - 2


@pytest.mark.parametrize(
    ("text", "verdict"),
    [("", "unknown"), (".", "healthy"), ("xx", "unknown"), ("xxx", "unhealthy"), ("xxx.", "healthy"), (".?", "unknown"),
     ("x?xx", "unhealthy"), ("????", "unknown")],
)  # fmt: skip
def test_the_front_door(text: str, verdict: str) -> None:
    samples = [DoorSample(s.at, s.result, None, s.detail) for s in series(text)]
    assert judge_door(samples, POLICY, NOW).verdict == verdict


def color(*pods: Pod, desired: int | None = None) -> ColorState:
    return ColorState(Color.GREEN, 2, "new:2", len(pods) if desired is None else desired, True, "1", pods)


def pod(name: str = "p", **changed: object) -> Pod:
    return replace(Pod(name, True, 0, "new:2", in_service=True), **changed)  # type: ignore[arg-type]


def proved(*names: str, **texts: str) -> dict[tuple[str, Service], list[Sample]]:
    return {(n, s): series(texts.get(s.value, "."), n, s) for n in names for s in Service}


@pytest.mark.parametrize(
    ("state", "samples", "verdict", "detail"),
    [
        (color(pod("a"), pod("b")), proved("a", "b"), "healthy", "2/2 pods"),
        (color(), {}, "unknown", "no pods"),
        (color(pod("a"), desired=2), proved("a"), "unknown", "1/2 pods ready"),
        (color(pod("a", in_service=False)), proved("a"), "unknown", "0/1 pods ready"),
        (color(pod("a", ready=False)), proved("a"), "unknown", "0/1 pods ready"),
        (color(pod("a"), pod("b", terminating=True), desired=1), proved("a"), "healthy", "1/1 pods"),
        (color(pod("a")), {}, "unknown", "api 0/1 pods proved, websocket 0/1 pods proved, metrics 0/1 pods proved"),
        (color(pod("a")), proved("a", websocket="xxx"), "unhealthy", "websocket: HTTP 500 on 1 of 1 pods"),
        (color(pod("a", restarts=1)), proved("a"), "unhealthy", "pod a crashed once"),
        (color(pod("a", restarts=3)), proved("a"), "unhealthy", "pod a crashed 3 times"),
        (color(pod("a", waiting="ErrImagePull", ready=False)), {}, "unhealthy", "image new:2 cannot be pulled"),
    ],
)
def test_a_color(
    state: ColorState, samples: dict[tuple[str, Service], list[Sample]], verdict: str, detail: str
) -> None:  # fmt: skip
    found = judge_color(state, samples, POLICY, NOW)
    assert found.verdict == verdict
    assert detail in found.detail


def test_restarts_that_the_policy_allows() -> None:
    assert pod_trouble(color(pod(restarts=2)), replace(POLICY, max_restarts=2)) == ""


def test_pods_that_leave_cause_no_trouble() -> None:
    assert pod_trouble(color(pod(restarts=2, terminating=True)), POLICY) == ""


@given(st.lists(st.text(".x?", max_size=12), max_size=4))
def test_any_samples(pods: list[str]) -> None:
    """Healthy needs a last word of success from each pod; unhealthy needs failures, never silence alone."""
    verdict, _ = service(*pods)
    if verdict is Verdict.HEALTHY:
        assert pods
        assert all(text.endswith(".") for text in pods)
    if verdict is Verdict.UNHEALTHY:
        assert any("x" in text and not text.endswith(".") for text in pods)
    if not any("x" in text for text in pods):
        assert verdict is not Verdict.UNHEALTHY
