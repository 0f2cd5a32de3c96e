"""Plan, provision and destroy on a Terraform in memory."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from infra_fakes import FakeCosts, Site, failed, planned, ran, shown

from opsctl.core.account import Caller
from opsctl.core.apply_record import ApplyOutcome
from opsctl.core.checkup import Finding, Level
from opsctl.core.cost.difference import CostChange
from opsctl.core.plan import PlanSummary
from opsctl.core.saved_plan import Kind
from opsctl.errors import ExitCode, Interrupted, LockHeld, OpsError, Refused, TerraformFailed, ToolFailed, UsageError
from opsctl.flows.infra_plan import outputs, plan
from opsctl.flows.provision import Despite, destroy, provision, provision_saved
from opsctl.ports.provisioning import InfraPorts

REPO = "module.registry.aws_ecr_repository.this"
VPC = "module.network.aws_vpc.this"


@pytest.fixture
def site(tmp_path: Path) -> Site:
    made = Site(tmp_path)
    made.stack.planning = [planned(VPC), planned(REPO)]
    made.stack.applying = [
        planned(VPC), planned(REPO),
        ran("apply_start", VPC), ran("apply_complete", VPC), ran("apply_start", REPO), ran("apply_complete", REPO),
    ]  # fmt: skip
    return made


def losing(site: Site, action: str = "delete", protected: bool = False) -> None:
    """Make the plan one that destroys the repository."""
    site.stack.planning = [planned(REPO, action)]
    site.stack.showing = {"resource_changes": [shown(REPO, [action], before={"deletion_protection": protected})]}


def test_what_was_shown_is_applied_and_recorded(site: Site) -> None:
    record = provision(site.ports)
    assert record is not None
    assert site.stack.applied == [site.plans.file(1)]
    assert [title for title, _ in site.operator.shown] == ["plan 0001"]
    assert (record.outcome, record.added, record.by, record.plan) == (ApplyOutcome.SUCCEEDED, 2, "ana@build-7", 1)
    assert site.records.saved == [record]
    assert site.records.outputs is not None
    assert site.operator.saw.done == 2
    assert not site.plans.file(1).exists(), "a plan file holds secrets and is of no more use"


def test_how_long_things_took_is_kept_for_the_next_time(site: Site) -> None:
    done = ran("apply_complete", VPC) | {"@timestamp": "2026-11-22T14:01:34Z"}
    site.stack.applying = [ran("apply_start", VPC), done]
    provision(site.ports)
    assert site.operator.known == {}
    provision(site.ports)
    assert site.operator.known == {"aws_vpc create": (11.0,)}
    assert site.records.saved[-1].durations == {"aws_vpc create": (11.0, 11.0)}


def test_nothing_to_change_asks_and_applies_nothing(site: Site) -> None:
    site.stack.planning = []
    assert provision(site.ports) is None
    assert (site.operator.asked, site.stack.applied, site.records.saved) == ([], [], [])


def test_a_change_of_outputs_alone_is_applied(site: Site) -> None:
    site.stack.planning = [{"type": "outputs", "outputs": {"name": {"action": "create"}}}]
    site.stack.applying = []
    record = provision(site.ports)
    assert record is not None
    assert site.operator.shown[0][1].outputs == ("name",)


def test_no_means_no(site: Site) -> None:
    site.operator.agrees = False
    with pytest.raises(OpsError, match="not 'yes'"):
        provision(site.ports)
    assert site.stack.applied == []
    assert site.plans.plans[1].consumed is None


def test_values_are_read_of_whatever_changes_as_additions_open_and_cost_as_well(site: Site) -> None:
    opened = {"cidr_ipv4": "0.0.0.0/0", "from_port": 22, "to_port": 22}
    rule = "module.cluster.aws_vpc_security_group_ingress_rule.ssh"
    site.stack.planning = [planned(rule)]
    site.stack.showing = {"resource_changes": [shown(rule, ["create"], after=opened)]}
    made = plan(site.ports)
    assert [(found.rule, found.address) for found in made.summary.findings] == [("open-to-all", rule)]
    assert made.saved is not None
    assert made.saved.summary.findings == made.summary.findings
    assert made.document == site.stack.showing
    site.stack.planning = []
    plan(site.ports)
    assert site.stack.calls.count("show") == 1, "a plan without changes has nothing to be read"


def test_losing_data_needs_the_address(site: Site) -> None:
    losing(site)
    with pytest.raises(Refused, match=r"aws_ecr_repository\.this: the images in it") as error:
        provision(site.ports)
    assert error.value.exit_code == ExitCode.REFUSED
    assert error.value.hint == f"opsctl provision --allow-data-loss '{REPO}'"
    assert (site.operator.asked, site.stack.applied) == ([], [])
    assert provision(site.ports, ["module.registry"]) is not None


def test_the_state_bucket_is_made_first_and_shown(site: Site) -> None:
    site.bucket.there = False
    site.bootstrap.planning = [planned("aws_s3_bucket.state")]
    assert provision(site.ports) is not None
    assert site.operator.shown[0][0].startswith("state bucket state-bucket")
    assert site.operator.asked == [Kind.APPLY, Kind.APPLY]
    assert site.bootstrap.calls == ["prepare", "plan", "apply"]
    assert not site.bucket.unfinished


def test_a_half_made_state_bucket_is_finished_first(site: Site) -> None:
    site.bucket.there = False
    site.bootstrap.planning = [planned("aws_s3_bucket.state")]
    site.bootstrap.ends = "failed"
    site.bootstrap.applying = [failed("creating KMS Alias: operation error KMS: CreateAlias, ...: no")]
    with pytest.raises(ToolFailed, match="CreateAlias"):
        provision(site.ports)
    site.bucket.there = True  # the bucket itself was created before the failure
    site.bootstrap.ends = "complete"
    assert provision(site.ports) is not None
    assert site.bootstrap.calls.count("apply") == 2


def test_a_plan_before_the_bucket_exists_cannot_be_applied(site: Site) -> None:
    site.bucket.there = False
    planned_ = plan(site.ports)
    assert planned_.saved is None
    assert len(planned_.summary.changes) == 2
    assert site.stack.calls[:2] == ["prepare", "without state"]
    assert not site.plans.scratch().exists()


def test_a_failing_init_with_a_bucket_is_an_error(site: Site) -> None:
    def fail() -> None:
        raise ToolFailed("no credentials")

    site.stack.prepares = fail
    with pytest.raises(ToolFailed, match="no credentials"):
        plan(site.ports)


def test_a_lost_bucket_is_no_new_beginning(site: Site) -> None:
    provision(site.ports)
    site.bucket.there = False
    with pytest.raises(Refused, match="is gone, though this environment was applied before"):
        plan(site.ports)
    assert site.stack.calls.count("apply") == 1


def test_an_emulator_that_was_reset_is_a_new_beginning(site: Site) -> None:
    site.origin = replace(site.origin, emulated=True)
    provision(site.ports)
    site.bucket.there = False
    assert plan(site.ports).saved is None
    site.stack.initialised = True  # as it was before: Terraform knows a bucket that is gone
    site.bootstrap.planning = [planned("aws_s3_bucket.state")]
    assert provision(site.ports) is not None
    assert "apply" in site.bootstrap.calls


def test_a_saved_plan_is_applied_without_planning_again(site: Site) -> None:
    plan(site.ports)
    site.stack.calls.clear()
    assert provision_saved(site.ports, 1) is not None
    assert site.stack.calls == ["prepare", "show", "apply"]


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"environment": "production"}, "the environment has changed since, dev → production"),
        ({"region": "eu-west-1"}, "the AWS region has changed since, us-east-1 → eu-west-1"),
        ({"opsctl": "0.2.0"}, r"the version of opsctl has changed since, 0\.1\.0 → 0\.2\.0"),
        ({"config": "config-2"}, "the configuration has changed since, config-1 → config-2"),
        ({"commit": ""}, "the git commit has changed since, commit-1 → none"),
    ],
)
def test_a_plan_of_something_else_is_refused(site: Site, change: dict[str, str], why: str) -> None:
    plan(site.ports)
    site.origin = replace(site.origin, **change)  # type: ignore[arg-type]
    with pytest.raises(Refused, match=why) as error:
        provision_saved(site.ports, 1)
    assert error.value.hint == "opsctl plan makes a new plan"
    assert site.stack.applied == []


def test_old_foreign_and_consumed_plans_are_refused(site: Site) -> None:
    plan(site.ports)
    site.time += 61 * 60
    with pytest.raises(Refused, match="61 minutes old; plans are valid for 60"):
        provision_saved(site.ports, 1)
    site.time -= 61 * 60
    site.stack.terraform = "1.12.0"
    with pytest.raises(Refused, match=r"Terraform version has changed since, 1\.11\.4 → 1\.12\.0"):
        provision_saved(site.ports, 1)
    site.stack.terraform = "1.11.4"
    site.stack.aws_provider = "6.0.0"
    with pytest.raises(Refused, match=r"AWS provider's version has changed since, 5\.100\.0 → 6\.0\.0"):
        provision_saved(site.ports, 1)
    site.stack.aws_provider = "5.100.0"
    provision_saved(site.ports, 1)
    with pytest.raises(Refused, match="already applied at 1970-01-12"):
        provision_saved(site.ports, 1)
    with pytest.raises(UsageError):
        provision_saved(site.ports, 7)


def test_every_difference_is_named_at_once(site: Site) -> None:
    plan(site.ports)
    site.origin = replace(site.origin, config="config-2", commit="commit-2")
    with pytest.raises(Refused, match=r"the configuration has changed since.*; the git commit has changed since"):
        provision_saved(site.ports, 1)


def test_a_plan_whose_file_was_changed_or_lost_is_refused(site: Site) -> None:
    plan(site.ports)
    site.plans.file(1).write_text("another plan")
    with pytest.raises(Refused, match="its file is not the one that was planned"):
        provision_saved(site.ports, 1)
    site.plans.file(1).unlink()
    with pytest.raises(Refused, match="its file is gone"):
        provision_saved(site.ports, 1)
    assert site.stack.applied == []


@pytest.mark.parametrize("begin", [plan, provision, destroy, outputs, lambda ports: provision_saved(ports, 1)])
def test_a_foreign_account_is_refused_before_terraform_is_asked_anything(
    site: Site, begin: Callable[[InfraPorts], object]
) -> None:
    plan(site.ports)
    site.stack.calls.clear()
    site.account.found = Caller("999999999999", "arn:aws:sts::999999999999:assumed-role/admin/ana")
    with pytest.raises(Refused) as error:
        begin(site.ports)
    assert "account   123456789012 in the environment file, 999999999999 by the credentials" in error.value.message
    assert "assumed-role/admin/ana" in error.value.message
    assert site.stack.calls == []


def test_of_two_that_apply_the_same_plan_at_once_one_is_refused(site: Site) -> None:
    plan(site.ports)
    site.plans.claim(1)
    with pytest.raises(Refused, match="plan 0001 was handed to another apply"):
        provision_saved(site.ports, 1)
    assert site.stack.applied == []
    assert site.plans.load(1).consumed is None


def test_what_is_shown_and_judged_is_what_terraforms_own_file_says(site: Site) -> None:
    losing(site)
    plan(site.ports)
    site.plans.save(replace(site.plans.load(1), summary=PlanSummary()))  # somebody has edited what lies beside it
    with pytest.raises(Refused, match="the images in it"):
        provision_saved(site.ports, 1)
    assert site.stack.applied == []


def test_a_plan_to_destroy_is_no_plan_to_provision(site: Site) -> None:
    plan(site.ports, Kind.DESTROY)
    with pytest.raises(Refused, match="it is a plan to destroy"):
        provision_saved(site.ports, 1)


def test_a_failure_says_what_failed_what_was_done_and_how_to_go_on(site: Site) -> None:
    site.stack.ends = "failed"
    site.stack.applying = [
        planned(VPC), planned(REPO),
        ran("apply_start", VPC), ran("apply_complete", VPC), ran("apply_start", REPO), ran("apply_errored", REPO),
        failed(
            "creating ECR Repository (x): operation error ECR: CreateRepository, https response error StatusCode: 400, "
            "RequestID: 1, RepositoryAlreadyExistsException: exists",
            address=REPO,
        ),
    ]  # fmt: skip
    with pytest.raises(ToolFailed) as error:
        provision(site.ports)
    said = f"{REPO}: AWS ECR refused CreateRepository: RepositoryAlreadyExistsException (HTTP 400)"
    assert said in error.value.message
    assert "1 of 2 steps were done: 1 added, 0 changed, 0 destroyed" in error.value.state
    assert REPO in error.value.state
    assert "opsctl provision" in error.value.hint
    assert [record.outcome for record in site.records.saved] == [ApplyOutcome.FAILED]


def test_an_interrupt_counts_from_what_was_started(site: Site) -> None:
    site.stack.ends = "interrupted"
    site.stack.applying = [planned(VPC), planned(REPO)]
    with pytest.raises(Interrupted) as error:
        provision(site.ports)
    assert error.value.state == "Nothing was changed."
    assert site.records.saved == []

    site.stack.applying = [
        planned(VPC), planned(REPO),
        ran("apply_start", VPC), ran("apply_complete", VPC), ran("apply_start", REPO), ran("apply_errored", REPO),
        failed("execution halted"),
    ]  # fmt: skip
    with pytest.raises(Interrupted) as error:
        provision(site.ports)
    assert "1 of 2 steps were done" in error.value.state
    assert "gave the lock back" in error.value.state
    assert "halted" not in error.value.message
    assert [record.outcome for record in site.records.saved] == [ApplyOutcome.INTERRUPTED]


def test_what_was_interrupted_is_made_anew_without_asking_for_its_data(site: Site) -> None:
    """A repository whose creation was interrupted is tainted. It is no loss, until somebody else taints it."""
    site.stack.ends = "interrupted"
    site.stack.applying = [ran("apply_start", REPO), ran("apply_errored", REPO)]
    with pytest.raises(Interrupted):
        provision(site.ports)
    assert site.records.saved[-1].halfway == (REPO,)

    anew = shown(REPO, ["delete", "create"]) | {"action_reason": "replace_because_tainted"}
    site.stack.planning, site.stack.showing = [planned(REPO, "replace")], {"resource_changes": [anew]}
    site.stack.ends = "complete"
    site.stack.applying = [ran("apply_start", REPO), ran("apply_complete", REPO)]
    record = provision(site.ports)
    assert record is not None
    assert record.halfway == ()
    with pytest.raises(Refused):
        provision(site.ports)


def test_a_held_lock_names_its_holder(site: Site) -> None:
    site.stack.ends = "failed"
    detail = "Lock Info:\n  ID:        abc\n  Operation: OperationTypeApply\n  Who:       ana@build-7\n  Created:   x\n"
    site.stack.applying = [failed("Error acquiring the state lock", detail)]
    with pytest.raises(LockHeld, match="ana@build-7 runs an apply since x") as error:
        provision(site.ports)
    assert error.value.state == "Nothing was changed."
    assert site.records.saved == []


def unstored(site: Site) -> None:
    """Credentials end in mid-apply: Terraform can neither store its state nor give its lock back."""
    site.stack.ends = "failed"
    site.stack.applying = [
        planned(VPC), planned(REPO), ran("apply_start", VPC), ran("apply_complete", VPC), ran("apply_start", REPO),
        ran("apply_errored", REPO), *(failed(f"number {number}", address=REPO) for number in range(6)),
        failed("Failed to save state", "ExpiredToken"), failed("Failed to persist state to backend", "errored.tfstate"),
        failed("Error releasing the state lock", "state lock\nID:        abc\n"),
    ]  # fmt: skip


def test_a_state_that_was_not_stored_is_said_first_and_never_called_stored(site: Site) -> None:
    unstored(site)
    with pytest.raises(TerraformFailed, match="9 errors\n    Failed to save state: ExpiredToken") as error:
        provision(site.ports)
    assert "errored.tfstate" in error.value.state
    assert "stored its state" not in error.value.state
    assert "1 added" in error.value.state
    assert "opsctl lock release --terraform, then opsctl provision" in error.value.hint


@pytest.mark.parametrize("begin", [plan, provision, lambda ports: provision_saved(ports, 1)])
def test_a_state_that_was_not_stored_is_stored_before_anything_else(
    site: Site, begin: Callable[[InfraPorts], object]
) -> None:
    plan(site.ports)
    site.stack.calls.clear()
    site.stack.left_behind = True
    begin(site.ports)
    assert next(call for call in site.stack.calls if call != "prepare") == "store"
    assert any("the state of an earlier apply here" in line for line in site.operator.said)


def test_a_stale_plan_is_refused(site: Site) -> None:
    site.stack.ends = "failed"
    site.stack.applying = [failed("Saved plan is stale", "The given plan file can no longer be applied")]
    with pytest.raises(Refused, match="the plan is stale"):
        provision(site.ports)


def test_an_unreachable_bucket_does_not_fail_a_good_apply(site: Site) -> None:
    site.records.reachable = False
    assert provision(site.ports) is not None
    assert "did not take the record" in site.operator.said[0]
    assert "did not take the outputs" in site.operator.said[1]


def test_destroy_plans_to_destroy_and_names_what_is_lost(site: Site) -> None:
    losing(site)
    with pytest.raises(Refused, match="the images in it") as error:
        destroy(site.ports)
    assert error.value.hint.startswith("opsctl destroy --allow-data-loss")
    site.stack.applying = [ran("apply_start", REPO, "delete"), ran("apply_complete", REPO, "delete")]
    record = destroy(site.ports, [REPO])
    assert record is not None
    assert (record.kind, record.destroyed) == ("destroy", 1)
    assert "plan destroy" in site.stack.calls
    assert site.operator.asked == [Kind.DESTROY]


@pytest.mark.parametrize("begin", [destroy, provision])
def test_nothing_is_destroyed_around_what_aws_protects(
    site: Site, begin: Callable[[InfraPorts, list[str]], object]
) -> None:
    """Terraform would find out when the rest is gone."""
    losing(site, protected=True)
    with pytest.raises(
        Refused, match=f"AWS protects from deletion what this plan deletes:\n    destroy {REPO}"
    ) as error:
        begin(site.ports, [REPO])
    assert "deletion_protection" in error.value.hint
    assert (site.operator.asked, site.stack.applied) == ([], [])


def test_destroy_without_a_bucket_has_nothing_to_do(site: Site) -> None:
    site.bucket.there = False
    with pytest.raises(Refused, match="was never made"):
        destroy(site.ports)


def test_outputs_leave_out_what_is_sensitive(site: Site) -> None:
    assert outputs(site.ports) == {"name": "x"}


def test_outputs_before_the_first_apply(site: Site) -> None:
    site.bucket.there = False
    assert outputs(site.ports) == {}


def test_a_plan_over_the_budget_is_refused_before_anybody_is_asked(site: Site) -> None:
    site.costs = FakeCosts(budget=1400, change=CostChange(1000, 1500, 0.2))
    with pytest.raises(Refused, match="over the budget") as error:
        provision(site.ports)
    assert error.value.exit_code == ExitCode.REFUSED
    assert (site.operator.asked, site.stack.applied) == ([], [])
    assert provision(site.ports, despite=Despite(over_budget=True)) is not None


def test_a_saved_plan_remembers_its_cost_for_the_budget(site: Site) -> None:
    site.costs = FakeCosts(budget=1400, change=CostChange(1000, 1500, 0.2))
    plan(site.ports)
    with pytest.raises(Refused, match="over the budget"):
        provision_saved(site.ports, 1)
    assert provision_saved(site.ports, 1, despite=Despite(over_budget=True)) is not None


def test_a_preflight_that_fails_stops_an_apply_before_anybody_is_asked(site: Site) -> None:
    site.preflight.found = [
        Finding("quota", Level.FAIL, "elastic IPs: 3 more, 4 of 5 are used", "ask AWS for more"),
        Finding("aws roles", Level.WARN, "not there yet: AWSServiceRoleForRDS"),
        Finding("support", Level.OK, "fine"),
    ]
    with pytest.raises(Refused, match="3 more, 4 of 5") as error:
        provision(site.ports)
    assert error.value.hint == "ask AWS for more; --despite-preflight applies it nevertheless"
    assert (site.operator.asked, site.stack.applied) == ([], [])
    assert any("AWSServiceRoleForRDS" in line for line in site.operator.said)
    assert not any("fine" in line for line in site.operator.said)
    with pytest.raises(Refused, match="3 more"):
        provision_saved(site.ports, 1)
    assert provision(site.ports, despite=Despite(preflight=True)) is not None


def test_warnings_and_silence_stop_nobody(site: Site) -> None:
    site.preflight.found = [Finding("quota", level, "x") for level in (Level.WARN, Level.UNKNOWN)]
    assert provision(site.ports) is not None


def test_a_plan_tells_what_the_preflight_found_and_destroying_needs_none(site: Site) -> None:
    site.preflight.found = [Finding("quota", Level.FAIL, "x")]
    assert plan(site.ports).preflight == tuple(site.preflight.found)
    assert plan(site.ports, Kind.DESTROY).preflight == ()
