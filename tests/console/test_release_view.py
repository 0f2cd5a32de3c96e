"""What the operator reads of a release: rows as it goes, the last lines, status, history. 80 columns, no terminal."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from fakes import FakeWatching, Killed, World
from release_runs import last_record, once, release

from opsctl.console import Console
from opsctl.console.history_view import history_json, history_text
from opsctl.console.outcome_view import rollout_json, rollout_text
from opsctl.console.release_view import RolloutRows
from opsctl.console.status_view import status_text
from opsctl.core.color import Color
from opsctl.core.release import Kind, Outcome, Phase, Rollout
from opsctl.core.status import status_json
from opsctl.errors import OpsError
from opsctl.flows import status as status_module
from opsctl.flows.deploy import deploy
from opsctl.flows.status import StatusLook

IMAGES = {"good": "good:2", "abandoned": "missing:1", "rolled back": "late-500:1"}


def world() -> World:
    made = World()
    release(made, "good:1")
    return made


def narrated(made: World, image: str, **other: Any) -> Rollout:
    """Deploy with the console watching. The fake goes on checking the writes."""
    from fakes import POLICY
    from release_runs import wanted

    ports = made.ports()
    rows = RolloutRows(Console(color=False), "live")
    fake: FakeWatching = made.watching

    class Both:
        def checked(self, *words: Any) -> None:
            rows.checked(*words)

        def began(self, *words: Any) -> None:
            rows.began(*words)

        def saw(self, *words: Any) -> None:
            fake.saw(*words)
            rows.saw(*words)

        def ended(self, *words: Any) -> None:
            rows.ended(*words)

    return deploy(wanted(image, **other), replace(ports, watching=Both()), POLICY)


def rows_of(text: str) -> list[tuple[str, str]]:
    """(glyph, name) of each row that closed."""
    return [(found[1], found[2]) for found in re.finditer(r"^(?:[\d:]+ +)?([✓✗]) ([\w-]+)", text, re.MULTILINE)]


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        ("good:2", "✓ pre-flight ✓ warm ✓ gate ✓ cutover ✓ bake ✓ drain"),
        ("missing:1", "✓ pre-flight ✗ warm ✓ abandon"),
        ("broken:1", "✓ pre-flight ✓ warm ✗ gate ✓ abandon"),
        ("late-500:1", "✓ pre-flight ✓ warm ✓ gate ✓ cutover ✗ bake ✓ rollback"),
    ],
)
def test_a_row_for_each_phase(capsys: pytest.CaptureFixture[str], image: str, expected: str) -> None:
    narrated(world(), image)
    said = capsys.readouterr()
    assert " ".join(word for row in rows_of(said.err) for word in row) == expected
    assert said.out == "", "narration is no data"
    assert "live · release 2 → green" in said.err
    assert "(active: good:1)" in said.err
    fits(said.err)


def test_a_row_that_is_cut_short_claims_no_success(capsys: pytest.CaptureFixture[str]) -> None:
    made = world()

    def lose_the_lock() -> None:
        assert made.lease
        made.lease = replace(made.lease, holder="thief")

    made.at_point = once("after install green", lose_the_lock)
    with pytest.raises(OpsError):
        narrated(made, "good:2")
    said = capsys.readouterr().err
    assert rows_of(said) == [("✓", "pre-flight"), ("✗", "warm")]
    assert "2/2 ready" not in said


def test_who_waits_for_a_person_has_not_heard_one(capsys: pytest.CaptureFixture[str]) -> None:
    narrated(world(), "good:2", hold=True)
    said = capsys.readouterr().err
    assert "waits for a person; users stayed on blue" in said
    assert "a person said go" not in said


def test_a_halt_is_no_success(capsys: pytest.CaptureFixture[str]) -> None:
    made = world()
    made.at_point = once("after save phase baking", lambda: made.edit_service(Color.BLUE))
    narrated(made, "good:2")
    assert rows_of(capsys.readouterr().err)[-1] == ("✗", "bake")


@pytest.mark.parametrize(
    ("image", "sentence", "then"),
    [
        ("good:2", "Release 2 serves users on green (good:2).", "opsctl rollback"),
        (
            "missing:1",
            "Release 2 failed before it had traffic and was abandoned. Users are on blue.",
            "opsctl logs --color green",
        ),
        (
            "late-500:1",
            "Release 2 failed while baking and was rolled back. Users are on blue.",
            "opsctl logs --color green",
        ),
        ("good:1", "Nothing to do: release 1 has this image and settings. Users are on blue.", "opsctl"),
    ],
)
def test_the_last_lines_say_where_users_are_and_what_to_type(image: str, sentence: str, then: str) -> None:
    made = world()
    done = release(made, image)
    lines = rollout_text(done, made.active).splitlines()
    assert lines[0].replace("failed and", "failed while baking and") == sentence
    assert lines[-1].startswith("  next ") or lines[-2].startswith("  next ")
    assert then in " ".join(lines)
    failed = done.outcome in (Outcome.ROLLED_BACK, Outcome.ABANDONED)
    assert any(line.startswith("  why ") for line in lines) is failed
    assert any(line.startswith("  pod ") and "last words" in line for line in lines) is failed
    fits("\n".join(lines))


def test_a_halt_needs_a_person() -> None:
    made = World()
    done = release(made, "late-500:1")
    text = rollout_text(done, made.active)
    assert "halted: a person is needed. Users are on blue." in text
    assert "opsctl resume" in text


def test_a_waiting_release_names_both_ways() -> None:
    made = world()
    text = rollout_text(release(made, "good:2", hold=True), made.active)
    assert "waits" in text
    assert "opsctl promote · opsctl abort" in text


def test_the_final_object_has_what_scripts_read() -> None:
    made = world()
    found = rollout_json(release(made, "late-500:1"), made.active)
    assert (found["release"], found["outcome"], found["active"], found["image"]) == (
        2,
        "rolled_back",
        "blue",
        "late-500:1",
    )
    assert found["reason"]
    assert {"warm_s", "gate_s", "cutover_s", "detect_s", "rollback_s"} <= found["timings"].keys()
    assert "report" in found


def look(made: World) -> dict[str, Any]:
    from fakes import POLICY

    return status_json(StatusLook("live", made.ports(), POLICY).once())


def test_status_after_a_good_release() -> None:
    made = world()
    release(made, "good:2")
    found = look(made)
    assert (found["active"], found["phase"], found["lock"]) == ("green", None, None)
    assert {color: row["verdict"] for color, row in found["colors"].items()} == {"blue": "healthy", "green": "healthy"}
    assert {color: row["sockets"] for color, row in found["colors"].items()} == {"blue": 0, "green": 14}
    assert found["rollback"]["ready"] is True
    text = status_text(found, "applied yesterday")
    assert re.search(r"^ +▶ green +2 +2/2 +0 +ok +ok +ok +14 +100 %$", text, re.MULTILINE)
    assert re.search(r"^ +blue +1 +2/2 +0 +ok +ok +ok +0 +0 %$", text, re.MULTILINE)
    assert "ready: to blue 1 in about 2 s" in text
    assert "applied yesterday" in text
    assert re.search(r"^ +lock +free$", text, re.MULTILINE)
    fits(text)


def test_status_of_something_sick_names_it() -> None:
    made = world()
    made.pods(Color.BLUE)[0].down_until = made.clock.now() + 60
    found = look(made)
    assert found["colors"]["blue"]["verdict"] == "unknown"
    assert "1/2 pods ready" in status_text(found, "")


def test_status_while_a_release_waits_and_somebody_works() -> None:
    made = world()
    release(made, "good:2", hold=True)
    made.ports().lock.acquire("promotes a release")
    text = status_text(look(made), "")
    assert re.search(r"phase +awaiting_promotion: release 2", text)
    assert "promotes a release since" in text


def test_status_before_anything_was_released() -> None:
    found = look(World())
    text = status_text(found, "")
    assert (found["active"], found["release"]) == (None, None)
    assert "not ready: no earlier release" in text
    fits(text)


def test_status_of_a_silent_cluster_is_no_guess() -> None:
    made = world()
    made.silent_until = made.clock.now() + 60
    with pytest.raises(OpsError, match="does not answer"):
        look(made)


def test_a_look_waits_no_longer_than_a_probe_may_take(monkeypatch: pytest.MonkeyPatch) -> None:
    from fakes import POLICY, FakeProber

    made = world()
    monkeypatch.setattr(FakeProber, "collect", lambda self: [])
    began = made.clock.now()
    found = look(made)
    assert found["services"]["api"]["verdict"] == "unknown"
    assert made.clock.now() - began < POLICY.probe_timeout + 1.0 + 10 * status_module._TICK_S


def test_history_is_a_line_each_newest_last() -> None:
    made = world()
    release(made, "missing:1")
    release(made, "good:2", hold=True)
    past = made.ports().journal.rollouts()
    found = history_json(past)
    assert [row["outcome"] for row in found] == ["succeeded", "abandoned", "awaiting_promotion"]
    lines = history_text(found).splitlines()
    assert [line.split()[0] for line in lines if line.split()[0].isdigit()] == ["1", "2", "3"]
    assert "image missing:1 cannot be pulled" in history_text(found)
    fits(history_text(found))


def test_history_says_how_long_each_took() -> None:
    made = world()
    release(made, "late-500:1")
    first, second = history_json(made.ports().journal.rollouts())
    assert (first["outcome"], second["outcome"]) == ("succeeded", "rolled_back")
    assert first["seconds"] == pytest.approx(first["timings"]["warm_s"] + first["timings"]["gate_s"] + 3, abs=1)
    assert {"warm_s", "gate_s", "cutover_s", "bake_s", "detect_s", "rollback_s"} <= second["timings"].keys()
    rows = [line for line in history_text([first, second]).splitlines() if line[:4].strip().isdigit()]
    assert [row.split()[-3:] for row in rows] == [
        ["succeeded", f"{first['seconds']:.0f}", "s"], ["rolled_back", f"{second['seconds']:.0f}", "s"],
    ]  # fmt: skip


def test_history_of_what_a_dead_process_left() -> None:
    made = world()
    left = replace(last_record(made), id=2, kind=Kind.ROLLBACK, outcome=None, ended_at=None, phase=Phase.CUTOVER)
    row = history_json([left])[0]
    assert (row["outcome"], row["seconds"], row["phase"]) == (None, None, "cutover")
    assert "cutover" in history_text([row])


def fits(text: str) -> None:
    assert not [line for line in text.splitlines() if len(line) > 80], text
    assert "\x1b" not in text


def test_status_of_a_release_that_was_left_says_what_to_type() -> None:
    made = world()
    made.at_point = once("after save phase baking", made.kill)
    with pytest.raises(Killed):
        release(made, "good:2")
    made.lease, made.guard = None, (2, made.clock.now() - 60)
    text = status_text(look(made), "")
    assert "phase     baking: release 2; nobody is at it: opsctl resume, or opsctl abort" in text
    assert "stands by, to bring users back" in " ".join(text.split())
    fits(text)
    assert "waits for a person: opsctl promote" in " ".join(status_text(_waiting(), "").split())


def _waiting() -> dict[str, Any]:
    made = world()
    release(made, "good:2", hold=True)
    return look(made)
