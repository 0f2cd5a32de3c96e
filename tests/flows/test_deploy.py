"""`deploy` in a simulated cluster: what it does when all goes well, and what it refuses."""

from __future__ import annotations

from dataclasses import replace

import pytest
from fakes import POLICY, World
from release_runs import last_record, once, release, sizes

from opsctl.core.color import Color
from opsctl.core.health import Service
from opsctl.core.release import Outcome
from opsctl.errors import ExitCode, LockHeld, Refused, UsageError


def test_the_first_release_goes_to_blue(empty: World) -> None:
    done = release(empty, "good:1")
    assert (done.outcome, done.color, done.origin, done.release) == (Outcome.SUCCEEDED, Color.BLUE, None, 1)
    assert (empty.active, sizes(empty)) == (Color.BLUE, {Color.BLUE: 2})
    assert last_record(empty) == done
    assert empty.lease is None


def test_the_next_goes_to_the_idle_color_and_the_old_one_stays_warm(served: World) -> None:
    done = release(served, "good:2")
    assert (done.outcome, done.color, done.origin, done.release) == (Outcome.SUCCEEDED, Color.GREEN, Color.BLUE, 2)
    assert (served.active, sizes(served)) == (Color.GREEN, {Color.BLUE: 2, Color.GREEN: 2})
    assert {"warm_s", "gate_s", "cutover_s", "bake_s", "drain_s"} <= done.timings.keys()
    assert done.timings["bake_s"] >= POLICY.bake_seconds
    assert [write for write in served.writes if write.startswith("switch")] == ["switch to green"]


def test_each_step_is_on_record_before_it_is_done_and_after(served: World) -> None:
    release(served, "good:2")
    at = served.writes.index("install green")
    assert (served.writes[at - 1], served.writes[at + 1]) == (
        "save intent install into green", "save done install into green",
    )  # fmt: skip
    at = served.writes.index("switch to green")
    assert (served.writes[at - 1], served.writes[at + 1]) == (
        "save intent switch blue to green", "save done switch blue to green",
    )  # fmt: skip


def test_the_old_pods_are_replaced_so_that_no_socket_stays_behind(served: World) -> None:
    before = {pod.name for pod in served.pods(Color.BLUE)}
    release(served, "good:2")
    served.reconcile()
    assert not before & {pod.name for pod in served.pods(Color.BLUE)}


def test_without_standby_the_old_color_is_scaled_down(served: World) -> None:
    assert release(served, "good:2", replace(POLICY, standby=0)).outcome is Outcome.SUCCEEDED
    assert sizes(served) == {Color.BLUE: 0, Color.GREEN: 2}


@pytest.mark.parametrize("color", [None, Color.BLUE, Color.GREEN])
def test_the_same_again_is_unchanged_whatever_the_color(served: World, color: Color | None) -> None:
    done = release(served, "good:1", color=color)
    assert (done.outcome, done.color) == (Outcome.UNCHANGED, Color.BLUE)
    assert not [write for write in served.writes if not write.startswith("prepare")]


def test_other_settings_are_another_release(served: World) -> None:
    done = release(served, "good:1", settings={"LOG_LEVEL": "debug"})
    assert (done.outcome, done.color, done.settings) == (Outcome.SUCCEEDED, Color.GREEN, {"LOG_LEVEL": "debug"})


def test_more_memory_is_another_release(served: World) -> None:
    done = release(served, "good:1", values={"resources": {"memory": "2Gi"}})
    assert (done.outcome, done.color) == (Outcome.SUCCEEDED, Color.GREEN)


def test_into_the_active_color_is_refused(served: World) -> None:
    with pytest.raises(UsageError, match="blue has the users") as error:
        release(served, "good:2", color=Color.BLUE)
    assert (error.value.exit_code, error.value.state) == (ExitCode.USAGE, "Nothing was changed.")
    assert "opsctl deploy --color green" in error.value.hint
    assert served.writes == []


def test_an_unfinished_rollout_refuses_a_new_one(served: World) -> None:
    release(served, "good:2", hold=True)
    served.writes.clear()
    with pytest.raises(Refused, match="rollout 2 to green is unfinished") as error:
        release(served, "good:3")
    assert "opsctl promote" in error.value.hint
    assert served.writes == [], "nothing was changed, as it says"


def test_a_second_operator_is_told_who_works(served: World) -> None:
    def second() -> None:
        with pytest.raises(LockHeld, match=r"person2@host:2 deploys good:2"):
            release(served, "good:3")

    watching = served.watching
    served.at_point = once("after install green", second)
    assert release(served, "good:2").outcome is Outcome.SUCCEEDED
    assert served.watching is not watching


@pytest.mark.parametrize(
    ("image", "why"),
    [
        ("missing:1", "image missing:1 cannot be pulled"),
        ("crash:1", "crashed"),
        ("never-ready:1", "0 of 2 pods ready after 10 s"),
        ("broken:1", "HTTP 500 on 2 of 2 pods"),
    ],
)
def test_trouble_before_cutover_never_moves_traffic(served: World, image: str, why: str) -> None:
    done = release(served, image)
    assert done.outcome is Outcome.ABANDONED
    assert why in done.why
    assert served.active is Color.BLUE
    assert sizes(served) == {Color.BLUE: 2, Color.GREEN: 0}
    assert done.evidence, "what the pods said last"
    assert not [write for write in served.writes if write.startswith("switch")]


@pytest.mark.parametrize(
    ("image", "why"),
    [("late-500:1", "500"), ("late-websocket:1", "websocket"), ("late-metrics:1", "metrics"), ("late-crash:1", "")],
)
def test_trouble_after_cutover_brings_users_back(served: World, image: str, why: str) -> None:
    done = release(served, image)
    assert done.outcome is Outcome.ROLLED_BACK
    assert why in done.why
    assert served.active is Color.BLUE
    assert sizes(served) == {Color.BLUE: 2, Color.GREEN: 0}
    assert done.evidence
    assert done.timings["detect_s"] < 2.0
    assert done.timings["rollback_s"] < 0.5


def test_the_first_release_has_nothing_to_go_back_to(empty: World) -> None:
    done = release(empty, "late-500:1")
    assert done.outcome is Outcome.HALTED
    assert "nothing served before" in done.why
    assert empty.active is Color.BLUE


def test_when_both_are_unhealthy_nothing_moves(served: World) -> None:
    served.at_point = once("after switch to green", lambda: served.sick.update({Color.BLUE: frozenset(Service)}))
    done = release(served, "late-500:1")
    assert done.outcome is Outcome.HALTED
    assert "blue is not healthy either" in done.why
    assert (served.active, sizes(served)) == (Color.GREEN, {Color.BLUE: 2, Color.GREEN: 2})


def test_a_fix_can_be_shipped_while_the_old_color_is_broken(served: World) -> None:
    """The old color's bad answers at the front door are no evidence against the new one."""
    served.sick[Color.BLUE] = frozenset({Service.API})
    done = release(served, "good:2")
    assert (done.outcome, served.active) == (Outcome.SUCCEEDED, Color.GREEN), done.why


def test_a_restart_of_long_ago_does_not_forbid_going_back(served: World) -> None:
    served.pods(Color.BLUE)[0].restarts = 1
    assert release(served, "late-500:1").outcome is Outcome.ROLLED_BACK
    assert served.active is Color.BLUE


def test_a_release_that_fails_under_the_gates_load_gets_no_users(served: World) -> None:
    served.gate_load, served.fails_under_load = 50.0, 0.5
    done = release(served, "good:2")
    assert (done.outcome, served.active) == (Outcome.ABANDONED, Color.BLUE)
    assert "by the gate's load" in done.why
    served.fails_under_load = 0.0
    assert release(served, "good:2").outcome is Outcome.SUCCEEDED


ERRORS = "prometheus: errors < 5"


@pytest.mark.parametrize(
    ("figures", "outcome"),
    [({ERRORS: 1.0}, Outcome.SUCCEEDED), ({}, Outcome.SUCCEEDED), ({ERRORS: 9.0}, Outcome.ROLLED_BACK)],
)
def test_figures_of_ones_own_are_judged_after_cutover(
    served: World, figures: dict[str, float], outcome: Outcome
) -> None:
    """No data fails nothing. The same figures before cutover are about the color before."""
    served.figures = figures
    done = release(served, "good:2", replace(POLICY, bake_seconds=15.0, queries=[ERRORS]))
    assert done.outcome is outcome
    assert outcome is Outcome.SUCCEEDED or f"queries: {ERRORS}: it is 9" in done.why
