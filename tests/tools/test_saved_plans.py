"""Saved plans and records of applies, on disk and in a bucket that does not answer."""

from __future__ import annotations

import fcntl
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

import pytest

from opsctl.core.apply_record import ApplyOutcome, ApplyRecord, LastApply, from_json, in_words, stored_json, to_json
from opsctl.core.cost.difference import CostChange
from opsctl.core.environment import Aws
from opsctl.core.plan import Action, Change, Difference, PlanSummary
from opsctl.core.plan_policy import PolicyFinding, Severity
from opsctl.core.plan_reading import from_show
from opsctl.core.saved_plan import Binding, Kind, SavedPlan
from opsctl.core.state_lock import Run
from opsctl.errors import OpsError, ToolFailed, Unreachable, UsageError
from opsctl.tools import git
from opsctl.tools.account import StsAccount
from opsctl.tools.apply_records import ApplyRecordStore, RecordedOutputs
from opsctl.tools.process import Command, run
from opsctl.tools.saved_plans import PlanFolder
from opsctl.tools.state_bucket import StateBucketTool

DIFFERENCE = Difference("a", "1", "2")
CHANGE = Change("m.t.n", "m", "t", Action.REPLACE, "why", (DIFFERENCE,), (DIFFERENCE,), protected=True)
FINDING = PolicyFinding("public", Severity.HIGH, "m.t.n", "reachable from the internet")
COST = CostChange(1.0, 2.0, 0.2, True)
PLAN = SavedPlan(
    1, Kind.DESTROY, Binding("dev", "123456789012", "us-east-1", "c", "commit", "0.1.0", "1.11.4", "5.100.0"), True,
    5.0, "ana@build-7", PlanSummary((CHANGE,), ("output",), ("warning",), (FINDING,), COST), "seal",
)  # fmt: skip
RECORD = ApplyRecord(
    "dev", "123456789012", "apply", 1_000_000.0, "ana@build-7", 7, "commit", ApplyOutcome.SUCCEEDED, 3, 2, 1, 42.5
)


def test_a_plan_survives_being_saved(tmp_path: Path) -> None:
    plans = PlanFolder(tmp_path / "plans")
    assert plans.reserve() == 1
    plans.save(PLAN)
    assert plans.load(1) == PLAN
    plans.save(replace(PLAN, consumed=9.0))
    assert plans.load(1).consumed == 9.0
    assert (tmp_path / "plans" / "0001").stat().st_mode & 0o077 == 0


def test_no_secret_is_kept_with_a_plan_however_deep(tmp_path: Path) -> None:
    """Terraform gives sensitive values in clear, with a tree beside them that says which."""
    values = {"password": "hush-1", "users": [{"name": "a", "keys": {"token": "hush-2"}}], "all": {"x": ["hush-3"]}}
    hidden = {"password": True, "users": [{"keys": {"token": True}}], "all": True}
    change = {"actions": ["create"], "before": None, "after": values, "before_sensitive": False}
    change |= {"after_sensitive": hidden, "after_unknown": {}}
    shown = {"address": "m.t.n", "mode": "managed", "type": "t", "change": change}
    plans = PlanFolder(tmp_path)
    plans.save(replace(PLAN, number=plans.reserve(), summary=from_show({"resource_changes": [shown]})))
    kept = (tmp_path / "0001" / "plan.json").read_text()
    assert "(sensitive)" in kept
    assert "hush" not in kept


def test_a_plan_of_an_earlier_opsctl_is_no_defect(tmp_path: Path) -> None:
    plans = PlanFolder(tmp_path)
    plans.reserve()
    (tmp_path / "0001" / "plan.json").write_text('{"number": 1, "kind": "apply"}')
    with pytest.raises(UsageError, match="plan 0001 was made by another version of opsctl"):
        plans.load(1)


def test_a_seal_is_of_the_whole_file(tmp_path: Path) -> None:
    plans, file = PlanFolder(tmp_path), tmp_path / "plan.bin"
    assert plans.seal(file) == ""
    file.write_bytes(b"planned")
    sealed = plans.seal(file)
    file.write_bytes(b"planneD")
    assert plans.seal(file) != sealed


STARTED = '{"@timestamp":"1970-01-12T13:46:40.5Z","type":"version"}\n'
DONE = '{"type":"change_summary","changes":{"operation":"apply"}}\n'


def test_runs_are_read_from_their_logs(tmp_path: Path) -> None:
    plans = PlanFolder(tmp_path)
    for number, log in ((1, STARTED), (2, STARTED + DONE), (3, STARTED + '{"type":"chan')):
        assert plans.reserve() == number
        plans.save(replace(PLAN, number=number))
        plans.log(number).write_text(log)
    plans.save(replace(PLAN, number=3, ended=9.0))
    assert plans.runs() == (
        Run(1, "apply", 1_000_000.5, alive=False, ended=False),
        Run(2, "apply", 1_000_000.5, alive=False, ended=True),
        Run(3, "apply", 1_000_000.5, alive=False, ended=True),
    )


def test_when_a_run_last_worked_is_known(tmp_path: Path) -> None:
    plans = PlanFolder(tmp_path)
    plans.reserve()
    refused = '{"@timestamp":"1970-01-12T13:46:45Z","type":"diagnostic","diagnostic":{"severity":"error"}}\n'
    plans.log(1).write_text(STARTED + refused)
    assert [run.worked for run in plans.runs()] == [0.0]
    plans.log(1).write_text(STARTED + '{"@timestamp":"1970-01-12T13:46:43Z","type":"apply_start"}\n' + refused)
    assert [run.worked for run in plans.runs()] == [1_000_003.0]


def test_a_run_that_could_not_give_its_lock_back_has_not_ended(tmp_path: Path) -> None:
    plans = PlanFolder(tmp_path)
    plans.reserve()
    plans.save(replace(PLAN, number=1, ended=9.0))
    kept = '{"type":"diagnostic","diagnostic":{"severity":"error","summary":"Error releasing the state lock"}}\n'
    plans.log(1).write_text(STARTED + kept)
    assert [run.ended for run in plans.runs()] == [False]


def test_an_apply_without_an_end_is_found_with_what_it_said(tmp_path: Path) -> None:
    plans = PlanFolder(tmp_path)
    for number, ended in ((1, 9.0), (2, None), (3, None)):
        plans.reserve()
        plans.save(replace(PLAN, number=number, consumed=8.0, ended=ended))
    for number in (1, 2):
        plans.log(number).write_text(STARTED + '{"type":"apply_sta')
    plans.reserve()
    (tmp_path / "0004" / "plan.json").write_text('{"consumed": 1, "ended": null}')  # as an earlier opsctl wrote it
    plans.log(4).write_text(STARTED)
    assert [plan.number for plan in plans.begun()] == [2]
    assert [event["type"] for event in plans.events(2)] == ["version"]
    assert (plans.events(3), plans.running(3)) == ([], False)


def test_a_plan_is_claimed_once(tmp_path: Path) -> None:
    one, other = PlanFolder(tmp_path), PlanFolder(tmp_path)
    number = one.reserve()
    assert [one.claim(number), other.claim(number), one.claim(number)] == [True, False, False]


def test_a_plan_that_is_being_applied_is_never_cleared_away(tmp_path: Path) -> None:
    plans = PlanFolder(tmp_path)
    plans.reserve()
    with plans.log(1).open("w") as log:
        fcntl.flock(log, fcntl.LOCK_EX)
        for _ in range(25):
            plans.reserve()
        assert plans.log(1).is_file()
    plans.reserve()
    assert not plans.log(1).is_file()


@pytest.mark.parametrize("broken", [b"\xff\xfe", b'{"number": 1, "consumed"', b"[]", b""])
def test_a_description_that_cannot_be_read_is_in_nobodys_way(tmp_path: Path, broken: bytes) -> None:
    plans = PlanFolder(tmp_path)
    plans.reserve()
    (tmp_path / "0001" / "plan.json").write_bytes(broken)
    plans.log(1).write_text(STARTED)
    assert plans.begun() == ()
    assert [run.ended for run in plans.runs()] == [False]


def test_a_run_is_alive_while_its_log_is_written(tmp_path: Path) -> None:
    plans = PlanFolder(tmp_path)
    plans.reserve()
    with plans.log(1).open("w") as log:
        fcntl.flock(log, fcntl.LOCK_EX)
        assert [run.alive for run in plans.runs()] == [True]
    assert [run.alive for run in plans.runs()] == [False]


def test_a_plan_that_was_only_looked_at_does_not_outlive_its_opsctl_for_long(tmp_path: Path) -> None:
    plans, mine = PlanFolder(tmp_path), PlanFolder(tmp_path).scratch()
    killed = tmp_path / f"scratch-{2**22 + 1}.bin"  # a number that no process has
    for file in (mine, killed):
        file.write_text("the state, secrets included")
    assert plans.scratch() == mine
    assert (mine.exists(), killed.exists()) == (True, False)


def test_numbers_grow_and_old_plans_go(tmp_path: Path) -> None:
    plans = PlanFolder(tmp_path)
    numbers = [plans.reserve() for _ in range(25)]
    assert numbers == list(range(1, 26))
    assert len(list(tmp_path.iterdir())) == 21
    with pytest.raises(UsageError, match="there is no plan 0001; the newest: 0021, 0022, 0023, 0024, 0025"):
        plans.load(1)


@pytest.fixture
def silent(tmp_path: Path) -> StateBucketTool:
    """A bucket behind a port where nobody listens."""
    (tmp_path / "aws.ini").write_text(
        "[profile test]\nendpoint_url = http://127.0.0.1:1\naws_access_key_id = a\naws_secret_access_key = b\n"
    )
    aws = Aws(profile="test", config_file="aws.ini", emulated=True)
    return StateBucketTool("state-bucket", aws, tmp_path, tmp_path)


def test_without_an_answer_nobody_knows(silent: StateBucketTool, tmp_path: Path) -> None:
    records = ApplyRecordStore(tmp_path, silent, "dev/terraform.tfstate")
    with pytest.raises(Unreachable, match="no answer about the state bucket state-bucket"):
        silent.exists()
    assert records.last() == LastApply(None, known=False)
    assert not records.save(RECORD)
    assert records.last() == LastApply(RECORD, known=False)


def test_outputs_are_known_to_the_computer_that_provisioned(silent: StateBucketTool, tmp_path: Path) -> None:
    records = ApplyRecordStore(tmp_path, silent, "dev/terraform.tfstate")
    assert not records.save_outputs({"cache": {"sensitive": False, "value": {"port": 6379}}})
    assert records.outputs() == RecordedOutputs({"cache": {"port": 6379}}, str(tmp_path / "outputs.json"))


class Shelf(StateBucketTool):
    """A bucket in memory."""

    objects: ClassVar[dict[str, Any]] = {}

    def put(self, key: str, value: Any) -> None:
        self.objects[key] = value

    def get(self, key: str) -> Any:
        return self.objects.get(key)


def test_outputs_are_known_to_other_computers(tmp_path: Path) -> None:
    bucket = Shelf("state-bucket", Aws(), tmp_path, tmp_path)
    bucket.objects.clear()
    here, there = (ApplyRecordStore(tmp_path / name, bucket, "dev/terraform.tfstate") for name in ("here", "there"))
    assert there.outputs() == RecordedOutputs({})
    assert here.save_outputs({"cache": {"sensitive": False, "value": {"port": 6379}}})
    assert bucket.objects.keys() == {"dev/opsctl/outputs.json"}
    assert there.outputs() == RecordedOutputs({"cache": {"port": 6379}}, "s3://state-bucket/dev/opsctl/outputs.json")


def test_what_another_computer_provisioned_since_counts(tmp_path: Path) -> None:
    """By its own older ones a release would take its pods out of the load balancer."""
    bucket = Shelf("state-bucket", Aws(), tmp_path, tmp_path)
    here, there = (ApplyRecordStore(tmp_path / name, bucket, "dev/terraform.tfstate") for name in ("here", "there"))
    here.save_outputs({"edge": {"sensitive": False, "value": None}})
    there.save_outputs({"edge": {"sensitive": False, "value": {"target_group_arns": {}}}})
    assert here.remembered_outputs() == {"edge": None}
    assert here.outputs().values == here.remembered_outputs() == {"edge": {"target_group_arns": {}}}


def test_where_nobody_can_tell_of_outputs_there_is_no_guess(silent: StateBucketTool, tmp_path: Path) -> None:
    """Pods that are told of no database would take the users and fail them."""
    with pytest.raises(Unreachable, match="nobody can tell where database and cache are"):
        ApplyRecordStore(tmp_path, silent, "dev/terraform.tfstate").outputs()


def test_an_emulated_aws_that_gives_no_answer_has_to_be_started(silent: StateBucketTool, tmp_path: Path) -> None:
    """Whoever asks; its credentials cannot be renewed, and its outputs are in the same bucket."""
    no_profile = replace(silent.aws, profile="gone")
    for ask in (
        ApplyRecordStore(tmp_path, silent, "dev/terraform.tfstate").outputs,
        silent.exists,
        StsAccount(silent.aws, tmp_path).caller,
        StsAccount(no_profile, tmp_path).caller,
    ):
        with pytest.raises(OpsError) as caught:
            ask()
        assert caught.value.hint == "opsctl sandbox up"
    with pytest.raises(ToolFailed) as caught:
        StsAccount(replace(no_profile, emulated=False), tmp_path).caller()
    assert "aws sso login --profile gone" in caught.value.hint


def test_sensitive_outputs_are_not_kept(silent: StateBucketTool, tmp_path: Path) -> None:
    outputs = {"url": {"sensitive": False, "value": "x"}, "password": {"sensitive": True, "value": "hush"}}
    ApplyRecordStore(tmp_path, silent, "k").save_outputs(outputs)
    assert "hush" not in (tmp_path / "outputs.json").read_text()


def test_the_last_apply_in_words() -> None:
    measured = replace(RECORD, durations={"aws_vpc create": (11.0, 12.5)})
    assert from_json(stored_json(measured)) == measured
    assert "durations" not in to_json(measured)
    now = RECORD.at + 2 * 86400
    assert in_words(LastApply(RECORD, True), now) == "applied 2 d ago by ana@build-7: 3 added, 2 changed, 1 destroyed"
    assert "failed" in in_words(LastApply(replace(RECORD, outcome=ApplyOutcome.FAILED), True), now)
    assert "gave no answer" in in_words(LastApply(RECORD, False), now)
    assert in_words(LastApply(None, True), now) == "never applied"
    assert in_words(LastApply(None, False), now).startswith("unknown")


@pytest.mark.process
def test_the_commit_of_a_project(tmp_path: Path) -> None:
    assert git.commit(tmp_path) == ("", False)
    for words in (
        ["init", "-q"],
        ["-c", "user.name=a", "-c", "user.email=a@example.com", "commit", "-q", "--allow-empty", "-m", "x"],
    ):
        assert run(Command(("git", *words), cwd=tmp_path)).exit_code == 0
    commit, dirty = git.commit(tmp_path)
    assert (len(commit), dirty) == (40, False)
    (tmp_path / "new").touch()
    assert git.commit(tmp_path) == (commit, True)
