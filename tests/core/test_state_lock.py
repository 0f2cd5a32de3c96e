"""Whose Terraform's lock is, and whether that one lives."""

from __future__ import annotations

import json
from typing import Any

import pytest

from opsctl.core.lease import Life
from opsctl.core.state_lock import Run, TerraformLock, from_object, judge, seen_json, seen_of, sentence, way_out

HOST = "build-7"
LOCK = TerraformLock("5f0aa1d8", f"ana@{HOST}", "OperationTypeApply", 1000.0)


def run(**changes: Any) -> Run:
    return Run(
        **{"plan": 7, "doing": "apply", "began": 998.0, "alive": False, "ended": False, "worked": 1003.0, **changes}
    )


def test_the_object_as_terraform_writes_it() -> None:
    written = '{"ID":"5f0aa1d8","Operation":"OperationTypeApply","Who":"ana@build-7","Created":"%s"}'
    at = "2026-11-22T12:28:01.123456789Z"
    assert from_object(json.loads(written % at)).since == pytest.approx(1795350481.123456)
    assert from_object(json.loads(written % "2026-11-22T12:28:01Z")).since == 1795350481
    assert from_object({"ID": "x"}) == TerraformLock("x", "somebody", "", 0.0)


@pytest.mark.parametrize(
    ("runs", "life", "plan"),
    [
        ([run(alive=True)], Life.ALIVE, 7),
        ([run()], Life.DEAD, 7),
        ([run(plan=6, began=950.0), run()], Life.DEAD, 7),
        ([run(worked=999.0)], Life.UNKNOWN, None),  # it was killed before: another checkout holds it
        ([run(worked=999.0, alive=True)], Life.ALIVE, 7),
        ([], Life.UNKNOWN, None),
        ([run(ended=True)], Life.UNKNOWN, None),
        ([run(doing="plan")], Life.UNKNOWN, None),
        ([run(began=1010.0)], Life.UNKNOWN, None),
        ([run(began=900.0)], Life.UNKNOWN, None),
    ],
)
def test_a_run_of_this_project_on_this_computer_is_known(runs: list[Run], life: Life, plan: int | None) -> None:
    seen = judge(LOCK, runs, HOST)
    assert (seen.life, seen.run.plan if seen.run else None) == (life, plan)


def test_nobody_can_tell_of_another_computer() -> None:
    assert judge(LOCK, [run()], "laptop").life is Life.UNKNOWN


def test_it_is_told_with_what_to_type() -> None:
    dead = judge(LOCK, [run()], HOST)
    assert "locked by ana@build-7: apply of plan 0007, since" in sentence(dead, 1180.0)
    assert sentence(dead, 1180.0).endswith("(180 s ago); its Terraform is dead")
    assert way_out(dead) == "opsctl lock release --terraform"
    assert "Ctrl-C" in way_out(judge(LOCK, [run(alive=True)], HOST))
    assert way_out(judge(LOCK, [], HOST)).startswith("opsctl lock release --terraform --id 5f0aa1d8, once you have")


def test_scripts_read_the_same() -> None:
    assert seen_json(None) == {"state": "free"}
    found = seen_json(judge(LOCK, [run()], HOST))
    assert (found["state"], found["plan"], found["life"], found["who"]) == ("locked", 7, "dead", "ana@build-7")
    for runs in ([run()], [run(alive=True)], []):
        seen = judge(LOCK, runs, HOST)
        assert sentence(seen_of(seen_json(seen)), 1180.0) == sentence(seen, 1180.0)
