"""`deploy`, `promote`, `abort`, `resume`, `rollback`, `status`, `history`, `logs` as an operator runs them.

Command line, configuration, flows and console are real; the cluster is simulated.
"""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fakes import Killed, World
from release_commands import ENVIRONMENT, Opsctl, opsctl, world
from release_runs import once

from opsctl import wiring
from opsctl.core.apply_record import ApplyOutcome, ApplyRecord, LastApply
from opsctl.core.color import Color
from opsctl.core.room import Amount, Room
from opsctl.core.settings import settings_name
from opsctl.errors import Unreachable
from opsctl.tools import kubectl
from opsctl.tools.apply_records import RecordedOutputs

__all__ = ["opsctl", "world"]


def test_a_life_in_exit_codes(opsctl: Opsctl, world: World) -> None:
    assert opsctl("deploy")[0] == 0
    assert opsctl("deploy", "--image", "good:2")[0] == 0
    assert opsctl("deploy", "--image", "missing:1")[0] == 6
    assert opsctl("deploy", "--image", "late-500:1")[0] == 6
    assert opsctl("rollback")[0] == 0
    assert world.active is Color.BLUE
    assert opsctl("history")[0] == opsctl("status")[0] == 0


def test_deploy_ends_with_one_object(opsctl: Opsctl) -> None:
    code, out, err = opsctl("deploy", "--color", "green", "-o", "json")
    found = json.loads(out)
    assert (code, found["release"], found["outcome"], found["active"]) == (0, 1, "succeeded", "green")
    assert "cutover" in err
    assert "Release 1" not in err


def test_settings_are_those_of_the_file_and_of_the_command(opsctl: Opsctl, world: World) -> None:
    opsctl("deploy", "--set", "FEATURE=a=b")
    values = world.deployments[Color.BLUE].values
    assert values["settings"] == settings_name(values["name"], {"LOG_LEVEL": "info", "FEATURE": "a=b"})
    assert values["image"] == {"reference": "good:1"}


def test_a_release_is_told_and_keeps_where_its_data_is(
    opsctl: Opsctl, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same addresses again are nothing new; others are a release, and going back brings the old ones back."""

    def provisioned(host: str) -> None:
        monkeypatch.setattr(
            wiring, "known_outputs", lambda project, environment: RecordedOutputs({"database": {"address": host}})
        )

    def told() -> str:
        assert world.active is not None
        return str(world.deployments[world.active].values["env"]["DATABASE_HOST"])

    provisioned("first.internal")
    opsctl("deploy")
    assert told() == "first.internal"
    assert opsctl("deploy")[1].startswith("Nothing to do")
    provisioned("restored.internal")
    opsctl("deploy")
    assert told() == "restored.internal"
    opsctl("rollback")
    assert told() == "first.internal"


def test_the_same_again_changes_nothing(opsctl: Opsctl) -> None:
    opsctl("deploy")
    code, out, _ = opsctl("deploy", "--color", "green")
    assert (code, out.splitlines()[0]) == (
        0,
        "Nothing to do: release 1 has this image and settings. Users are on blue.",
    )


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["deploy", "--color", "blue", "--image", "good:2"], 2, ["blue has the users", "opsctl deploy --color green"]),
        (["deploy", "--color", "red"], 2, ["red"]),
        (["deploy", "--set", "NOVALUE"], 2, ["--set wants KEY=VALUE, got NOVALUE"]),
        (["deploy", "--set", "Ü=x"], 2, ["cannot be the name of an environment variable"]),
        (["deploy", "--image", ""], 2, ["--image is empty"]),
        (["promote"], 2, ["no rollout is unfinished", "opsctl history"]),
        (["abort"], 2, ["no rollout is unfinished"]),
        (["resume"], 2, ["no rollout is unfinished"]),
        (["rollback"], 2, ["there is no earlier release to go back to"]),
        (["rollback", "--to", "9"], 2, ["no release 9 that served", "opsctl history"]),
        (["deploy", "--env", "nowhere"], 2, ["nowhere", "test"]),
    ],
)
def test_what_makes_no_sense_is_refused(
    opsctl: Opsctl, world: World, words: list[str], code: int, said: list[str]
) -> None:
    opsctl("deploy")
    world.writes.clear()
    found, out, err = opsctl(*words)
    assert found == code, err
    assert all(part in err for part in said), err
    assert "Traceback" not in err
    assert (out, world.writes, world.lease) == ("", [], None)


def test_without_an_image_it_asks_which(opsctl: Opsctl) -> None:
    Path("environments/test.yaml").write_text(ENVIRONMENT.replace('image: "good:1", ', ""))
    code, _, err = opsctl("deploy")
    assert (code, "which image?" in err, "--image" in err) == (2, True, True)


def test_a_first_release_that_fails_is_a_plain_failure(opsctl: Opsctl) -> None:
    code, out, _ = opsctl("deploy", "--image", "missing:1")
    assert (code, "Nobody serves users yet." in out) == (1, True)


def test_halted_needs_a_person(opsctl: Opsctl) -> None:
    code, out, _ = opsctl("deploy", "--image", "late-500:1")
    assert (code, "a person is needed" in out, "opsctl resume" in out) == (7, True, True)


def test_a_failed_release_says_what_why_and_what_next(opsctl: Opsctl) -> None:
    opsctl("deploy")
    code, out, err = opsctl("deploy", "--image", "missing:1")
    assert code == 6
    assert out.startswith("Release 2 failed before it had traffic and was abandoned. Users are on blue.")
    assert "image missing:1 cannot be pulled" in " ".join(out.split())
    assert "✗ warm" in err


def test_promotion_by_a_person(opsctl: Opsctl, world: World) -> None:
    opsctl("deploy")
    code, out, _ = opsctl("deploy", "--image", "good:2", "--no-promote")
    assert (code, "opsctl promote · opsctl abort" in out, world.active) == (0, True, Color.BLUE)
    code, _, err = opsctl("deploy", "--image", "good:3")
    assert (code, "opsctl promote" in err) == (8, True)
    assert opsctl("promote")[0] == 0
    assert world.active is Color.GREEN


def test_abort_by_a_person(opsctl: Opsctl, world: World) -> None:
    opsctl("deploy")
    opsctl("deploy", "--image", "good:2", "--no-promote")
    code, out, _ = opsctl("abort", "-o", "json")
    assert (code, json.loads(out)["outcome"], world.active) == (0, "abandoned", Color.BLUE)


def test_an_abort_after_cutover_is_done_when_users_are_back(opsctl: Opsctl, world: World) -> None:
    """Exit code 6 is of a release that failed; this one ended as it was asked to."""
    opsctl("deploy")
    world.at_point = once("after save phase baking", world.kill)
    with pytest.raises(Killed):
        opsctl("deploy", "--image", "good:2")
    world.bury()
    code, out, _ = opsctl("abort", "-o", "json")
    assert (code, json.loads(out)["outcome"], world.active) == (0, "rolled_back", Color.BLUE)


def test_the_first_release_of_all_can_be_given_up(opsctl: Opsctl, world: World) -> None:
    opsctl("deploy", "--no-promote")
    assert opsctl("abort")[0] == 0
    assert world.active is None


def test_an_abort_that_cannot_be_done_needs_a_person(opsctl: Opsctl, world: World) -> None:
    world.at_point = once("after save phase baking", world.kill)
    with pytest.raises(Killed):
        opsctl("deploy")
    world.bury()
    assert opsctl("abort")[0] == 7


def test_a_lock_names_its_holder(opsctl: Opsctl, world: World) -> None:
    opsctl("deploy")
    world.ports().lock.acquire("deploys release 14")
    code, _, err = opsctl("rollback", "-o", "json")
    assert (code, "deploys release 14" in err) == (5, True)


def test_a_dead_process_is_resumed(opsctl: Opsctl, world: World) -> None:
    opsctl("deploy")
    world.at_point = once("after switch to green", world.kill)
    with pytest.raises(Killed):
        opsctl("deploy", "--image", "good:2")
    world.bury()
    code, _, err = opsctl("deploy", "--image", "good:3")
    assert (code, "opsctl resume" in err) == (8, True)
    assert opsctl("resume")[0] == 0
    assert world.active is Color.GREEN


def test_a_silent_cluster_halts(opsctl: Opsctl, world: World) -> None:
    opsctl("deploy")
    world.at_point = once("after save phase baking", lambda: setattr(world, "silent_until", world.clock.now() + 600))
    code, _, err = opsctl("deploy", "--image", "good:2")
    assert (code, "no answer from the cluster" in err, "opsctl resume" in err) == (7, True, True)


def test_an_outcome_is_reported_though_the_cluster_falls_silent_at_last(opsctl: Opsctl, world: World) -> None:
    opsctl("deploy")
    world.at_point = once("before read traffic", lambda: setattr(world, "silent_until", world.clock.now() + 600))
    code, out, _ = opsctl("deploy", "--image", "late-500:1", "-o", "json")
    assert (code, json.loads(out)["active"]) == (6, "blue")


def test_status_and_history(opsctl: Opsctl) -> None:
    opsctl("deploy")
    opsctl("deploy", "--image", "good:2")
    code, out, _ = opsctl("status", "-o", "json")
    assert (code, json.loads(out)["active"]) == (0, "green")
    assert "ready: to blue 1" in opsctl("status")[1]
    assert [row["id"] for row in json.loads(opsctl("history", "-o", "json")[1])] == [1, 2]
    assert "good:2" in opsctl("history")[1]


def test_status_of_a_silent_cluster_fails(opsctl: Opsctl, world: World) -> None:
    world.silent_until = world.clock.now() + 600
    code, out, err = opsctl("status")
    assert (code, out) == (1, "")
    assert "the API server does not answer" in err


def test_a_way_to_no_cluster(opsctl: Opsctl, monkeypatch: pytest.MonkeyPatch) -> None:
    def none(*words: Any) -> None:
        raise Unreachable("no way to the cluster: no kubeconfig", hint="opsctl sandbox up")

    monkeypatch.setattr(wiring, "release_ports", none)
    for words in (["deploy"], ["status"], ["rollback"]):
        code, _, err = opsctl(*words)
        assert (code, "opsctl sandbox up" in err) == (1, True)


def test_logs_of_the_color_with_traffic(opsctl: Opsctl, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []
    monkeypatch.setattr(kubectl, "stream_logs", lambda names, color, *rest, **more: asked.append((color, more["tail"])))
    opsctl("deploy")
    assert opsctl("logs", "--tail", "7")[0] == 0
    assert asked == [(Color.BLUE, 7)]


def test_logs_of_a_color_that_is_gone(opsctl: Opsctl, world: World) -> None:
    opsctl("deploy")
    opsctl("deploy", "--image", "missing:1")
    world.deployments[Color.GREEN] = replace(world.deployments[Color.GREEN], pods=[])
    code, out, err = opsctl("logs", "--color", "green")
    assert (code, "last words" in out, "green has no pods" in err) == (0, True, True)


def test_logs_of_nobody(opsctl: Opsctl) -> None:
    code, _, err = opsctl("logs")
    assert (code, "opsctl logs --color blue" in err) == (2, True)


def test_status_tells_the_last_apply(opsctl: Opsctl, monkeypatch: pytest.MonkeyPatch) -> None:
    record = ApplyRecord("test", "1" * 12, "apply", 1000.0, "ana", 7, "abc", ApplyOutcome.SUCCEEDED, 70, 0, 0, 100.0)
    monkeypatch.setattr(wiring, "last_apply", lambda project, environment: LastApply(record, known=True))
    found = json.loads(opsctl("status", "-o", "json")[1])["infrastructure"]
    assert (found["known"], found["by"], found["added"], found["plan"]) == (True, "ana", 70, 7)
    assert "by ana: 70 added" in opsctl("status")[1]


def test_a_dry_run_writes_nothing(opsctl: Opsctl, world: World) -> None:
    opsctl("deploy")
    writes, records = list(world.writes), dict(world.records)
    code, out, _ = opsctl("deploy", "--image", "good:2", "--set", "LOG_LEVEL=debug", "--dry-run")
    assert code == 0
    assert "release 2 → green" in out
    assert "1 changed: LOG_LEVEL" in out
    assert "back to   blue 1, 2/2 pods" in out
    assert "Nothing was written." in out
    assert all(len(line) <= 80 for line in out.splitlines())
    assert (world.writes, world.records, world.lease) == (writes, records, None)


def test_a_dry_run_as_an_object(opsctl: Opsctl, world: World) -> None:
    opsctl("deploy")
    world.room = Room((), {"compute": Amount(pods=0)})
    code, out, _ = opsctl("deploy", "--image", "good:2", "--dry-run", "-o", "json")
    found = json.loads(out)
    assert (code, found["dry_run"], found["release"], found["color"], found["active"]) == (8, True, 2, "green", "blue")
    assert found["refused"] == ["quota compute leaves room for 0 more pods, 2 needed"]
    assert [(f["name"], f["level"]) for f in found["findings"]] == [
        ("nodes", "warn"),
        ("quota", "fail"),
        ("agents", "ok"),
    ]


def test_a_dry_run_of_what_serves_already(opsctl: Opsctl) -> None:
    opsctl("deploy")
    code, out, _ = opsctl("deploy", "--dry-run")
    assert code == 0
    assert out.startswith("Nothing to do: release 1 has this image and settings.")


@pytest.mark.parametrize(
    "words", [("--image", "a b"), ("--image", "x\ny"), ("--set", "COLOR=red"), ("--set", "API_PORT=1")]
)
def test_what_cannot_be_right_is_refused_before_anything_is_done(
    opsctl: Opsctl, world: World, words: tuple[str, str]
) -> None:
    assert opsctl("deploy", *words)[0] == 2
    assert world.writes == []


def test_a_result_that_nobody_reads_changes_no_exit_code(
    opsctl: Opsctl, world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    full = open("/dev/full", "w")  # noqa: SIM115  # what is left in its buffer cannot be written when it is closed
    monkeypatch.setattr("sys.stdout", full)
    code, _, err = opsctl("deploy")
    with suppress(OSError):
        full.close()
    assert code == 0
    assert "the result could not be written to stdout" in err
    assert "Release 1 serves users on blue" in err


def test_without_stderr_a_release_goes_on(opsctl: Opsctl, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stderr", None)
    assert opsctl("deploy")[0] == 0
    assert world.active is Color.BLUE
