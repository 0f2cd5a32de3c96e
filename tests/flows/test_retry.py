"""An apply that failed by what passes by itself goes on, within what was approved and at most twice."""

from __future__ import annotations

from pathlib import Path

import pytest
from infra_fakes import Site, failed, planned, ran, shown

from opsctl.core.apply_record import ApplyOutcome
from opsctl.errors import Interrupted, TerraformFailed
from opsctl.flows.provision import provision

REPO = "module.registry.aws_ecr_repository.this"
VPC = "module.network.aws_vpc.this"
SLOW = "creating VPC: operation error EC2: CreateVpc, https response error StatusCode: 503, RequestID: 1, "
SLOW += "api error RequestLimitExceeded: Request limit exceeded."
BAD = SLOW.replace("RequestLimitExceeded", "InvalidParameterValue").replace("503", "400")


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """The repository is made; the VPC is refused."""
    made = Site(tmp_path)
    made.stack.planning = [planned(VPC), planned(REPO)]
    refused(made, SLOW)
    return made


def refused(site: Site, why: str) -> None:
    site.stack.ends = "failed"
    site.stack.applying = [
        ran("apply_start", REPO), ran("apply_complete", REPO), ran("apply_start", VPC), ran("apply_errored", VPC),
        failed(why, address=VPC),
    ]  # fmt: skip


def mended(site: Site) -> None:
    """AWS has time again: what is left of the plan, and it works."""
    site.stack.planning = [planned(VPC)]
    site.stack.applying = [ran("apply_start", VPC), ran("apply_complete", VPC)]
    site.stack.ends = "complete"


def test_throttling_passes_and_the_rest_is_applied_without_asking_again(site: Site) -> None:
    site.waits = lambda: mended(site)
    record = provision(site.ports)
    assert record is not None
    assert [saved.outcome for saved in site.records.saved] == [ApplyOutcome.FAILED, ApplyOutcome.SUCCEEDED]
    assert site.stack.calls.count("plan") == 2
    assert len(site.operator.asked) == 1
    assert site.operator.said[0].startswith("  again    throttled: that passes; a new plan in 10 s goes on")
    assert (site.plans.plans[1].consumed, site.plans.plans[2].consumed) == (1_000_000.0, 1_000_010.0)


def test_what_does_not_pass_is_tried_once(site: Site) -> None:
    refused(site, BAD)
    with pytest.raises(TerraformFailed, match="InvalidParameterValue"):
        provision(site.ports)
    assert site.stack.calls.count("apply") == 1


def test_it_is_given_up_after_two_new_plans(site: Site) -> None:
    with pytest.raises(TerraformFailed, match="RequestLimitExceeded"):
        provision(site.ports)
    assert site.stack.calls.count("apply") == 3
    assert site.time == 1_000_040.0


def test_a_new_plan_that_does_more_is_left_to_the_person(site: Site) -> None:
    def somebody_else_changed_something() -> None:
        mended(site)
        site.stack.planning = [planned(VPC), planned("module.network.aws_eip.new")]

    site.waits = somebody_else_changed_something
    with pytest.raises(TerraformFailed, match="RequestLimitExceeded") as error:
        provision(site.ports)
    assert "A new plan would do what nobody has approved: module.network.aws_eip.new." in error.value.state
    assert error.value.hint.startswith("opsctl plan shows what is left")
    assert site.stack.calls.count("apply") == 1


def test_what_was_cut_short_may_be_made_anew(site: Site) -> None:
    """A repository is no loss while nobody could have used it."""
    refused(site, SLOW)
    site.stack.applying = [ran("apply_start", REPO), ran("apply_errored", REPO), failed(SLOW, address=REPO)]

    def tainted() -> None:
        mended(site)
        anew = shown(REPO, ["delete", "create"]) | {"action_reason": "replace_because_tainted"}
        site.stack.planning, site.stack.showing = [planned(REPO, "replace")], {"resource_changes": [anew]}

    site.waits = tainted
    assert provision(site.ports) is not None
    assert site.stack.calls.count("apply") == 2


def test_so_may_what_holds_no_data(site: Site) -> None:
    site.stack.applying = [ran("apply_start", VPC), ran("apply_errored", VPC), failed(SLOW, address=VPC)]

    def tainted() -> None:
        mended(site)
        anew = shown(VPC, ["delete", "create"]) | {"action_reason": "replace_because_tainted"}
        site.stack.planning, site.stack.showing = [planned(VPC, "replace")], {"resource_changes": [anew]}

    site.waits = tainted
    assert provision(site.ports) is not None


def test_nothing_left_is_a_success(site: Site) -> None:
    site.waits = lambda: setattr(site.stack, "planning", [])
    record = provision(site.ports)
    assert record is not None
    assert record.outcome is ApplyOutcome.SUCCEEDED
    assert site.stack.calls.count("apply") == 1
    assert site.records.saved[-1] == record


def test_ctrl_c_while_it_waits_says_how_far_it_came(site: Site) -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    site.waits = interrupt
    with pytest.raises(Interrupted) as error:
        provision(site.ports)
    assert "1 added" in error.value.state
