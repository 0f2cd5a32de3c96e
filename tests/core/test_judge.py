"""Samples to verdicts: what is believed after how much, and what is never believed at all."""

from __future__ import annotations

from dataclasses import replace

import pytest
from fakes import POLICY
from hypothesis import given
from hypothesis import strategies as st

from opsctl.core.color import Color
from opsctl.core.health import DoorSample, Judgement, Result, Sample, Service, Verdict, pod_trouble
from opsctl.core.judge import REQUESTS, judge_color, judge_colors, judge_door, judge_service
from opsctl.core.sizes import AGENT
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
        (["xx.x.", "."], Verdict.HEALTHY, "2/2"),  # three of five, but the last word is a success
        (["xx.xx", "."], Verdict.UNHEALTHY, "HTTP 500 on 1 of 2 pods"),  # so many of the last five
        (["x..xx", "."], Verdict.UNHEALTHY, "HTTP 500 on 1 of 2 pods"),
        (["x...xx", "."], Verdict.UNKNOWN, "1/2 pods proved"),  # the first is too long ago
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


def quick(text: str, every: float, pod: str = "p") -> list[Sample]:
    """Like `series`, `every` seconds apart, the last one now."""
    found = series(text, pod)
    return [replace(sample, at=NOW - every * (len(found) - 1 - n)) for n, sample in enumerate(found)]


def test_looking_closely_makes_no_rounds() -> None:
    """Ten failures of one pod within half a second are one blip; what lasts is believed, however often it was asked."""
    policy = replace(POLICY, probe_interval=1.0)
    blip = {"p": series("...", "p", ago=0.6) + quick(10 * "x", 0.05), "q": series("...", "q")}
    assert judge_service(blip, policy, NOW).verdict is Verdict.UNKNOWN
    lasting = {"p": series("...", "p", ago=2.1) + quick(41 * "x", 0.05), "q": series("...", "q")}
    found = judge_service(lasting, policy, NOW)
    assert (found.verdict, found.detail) == (Verdict.UNHEALTHY, "HTTP 500 on 1 of 2 pods")


@pytest.mark.parametrize(
    ("consecutive", "of_last", "text", "verdict"),
    [(3, 3, "xx.xx", "unknown"), (3, 3, ".xxx", "unhealthy"), (2, 3, "x.x", "unhealthy"), (4, 5, "xx.xx", "unhealthy"),
     (5, 5, "xxxx", "unknown"), (1, 1, ".x", "unhealthy")],
)  # fmt: skip
def test_how_many_of_how_many(consecutive: int, of_last: int, text: str, verdict: str) -> None:
    policy = replace(POLICY, consecutive=consecutive, of_last=of_last)
    assert judge_service({"p": series(text), "q": series(".")}, policy, NOW).verdict == verdict


def doors(text: str, every: float) -> list[DoorSample]:
    return [DoorSample(s.at, s.result, None, s.detail) for s in quick(text, every)]


@pytest.mark.parametrize(
    ("text", "every", "verdict"),
    [
        ("", 0.1, "unknown"),
        (".", 0.1, "healthy"),
        ("xxx", 0.1, "unknown"),  # three in a row, but for 0.2 s only
        ("xxxxxx", 0.1, "unhealthy"),
        ("xxxxx.", 0.1, "healthy"),
        ("xxx.xxxxx", 0.1, "unknown"),  # somebody was answered meanwhile
        ("x?xxxxx", 0.1, "unhealthy"),
        ("?????????", 0.1, "unknown"),
        ("xx", 2.0, "unknown"),
        ("xxx", 2.0, "unhealthy"),
        (".?", 0.1, "unknown"),
    ],
)
def test_the_front_door(text: str, every: float, verdict: str) -> None:
    assert judge_door(doors(text, every), POLICY, NOW).verdict == verdict


def test_a_door_that_fails_while_every_pod_answers_may_be_our_own_way_there() -> None:
    policy = replace(POLICY, probe_interval=1.0)
    pods = {"a": [replace(s, seconds=0.01) for s in series("..", "a")], "b": series(".", "b")}
    failing = doors(10 * "x", 0.1)
    assert judge_door(failing, policy, NOW, pods).verdict is Verdict.UNKNOWN
    assert judge_door(failing, policy, NOW, {**pods, "b": series("x", "b")}).verdict is Verdict.UNHEALTHY
    assert judge_door(failing, policy, NOW, {**pods, "b": series(".", "b", ago=1.0)}).verdict is Verdict.UNHEALTHY
    assert judge_door(doors(21 * "x", 0.1), policy, NOW, pods).verdict is Verdict.UNHEALTHY


def both(blue: str, green: str) -> dict[Color, Verdict]:
    """Two colors of two pods each, whose API gave these samples in quick succession."""
    states = {c: replace(color(pod(f"{c}1"), pod(f"{c}2")), color=c) for c in Color}
    texts = {Color.BLUE: blue, Color.GREEN: green}
    samples = {
        (p.name, s): quick(texts[c] if s is Service.API else ".", 0.05, p.name)
        for c, state in states.items() for p in state.pods for s in Service
    }  # fmt: skip
    return {c: found.verdict for c, found in judge_colors(states, samples, dict.fromkeys(Color, POLICY), NOW).items()}


def test_a_whole_color_is_believed_at_once() -> None:
    assert both(blue=".", green="..xx") == {Color.BLUE: Verdict.HEALTHY, Color.GREEN: Verdict.UNHEALTHY}


def test_both_colors_alike_are_not_as_it_may_be_the_way_there() -> None:
    assert both(blue=".xx", green=".xxxxxx") == dict.fromkeys(Color, Verdict.UNKNOWN)
    assert both(blue=".xx", green=".xxxxxx" + 20 * "x")[Color.GREEN] is Verdict.UNHEALTHY


def test_users_requests_count_against_a_color() -> None:
    state, samples = color(pod("a")), proved("a")
    rates = Judgement(Verdict.UNHEALTHY, "5.0 % of 300 requests failed", NOW - 3)
    found = judge_color(state, samples, POLICY, NOW, measured={REQUESTS: rates})
    assert (found.verdict, found.detail, found.since) == (Verdict.UNHEALTHY, f"requests: {rates.detail}", NOW - 3)
    unknown = Judgement(Verdict.UNKNOWN, "3 requests are too few to judge")
    assert judge_color(state, samples, POLICY, NOW, measured={REQUESTS: unknown}).verdict is Verdict.HEALTHY
    suspect = {REQUESTS: replace(unknown, since=NOW - 1)}
    assert judge_color(state, samples, POLICY, NOW, measured=suspect).verdict is Verdict.UNKNOWN
    assert (
        judge_color(state, {}, POLICY, NOW, measured={REQUESTS: Judgement(Verdict.HEALTHY)}).verdict is Verdict.UNKNOWN
    )


def color(*pods: Pod, desired: int | None = None) -> ColorState:
    return ColorState(Color.GREEN, 2, "new:2", {AGENT: len(pods) if desired is None else desired}, True, pods)


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
        (color(pod("a", restarts=1, ended="OOMKilled")), proved("a"), "unhealthy", "pod a crashed once (OOMKilled)"),
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
