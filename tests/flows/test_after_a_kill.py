"""After a killed apply the next plan says what it did, and takes over what AWS has and the state does not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from infra_fakes import Site, planned, ran

from opsctl.core.apply_record import ApplyOutcome
from opsctl.core.unfinished import Made
from opsctl.errors import LockHeld, Refused
from opsctl.flows.infra_plan import plan
from opsctl.flows.provision import provision, provision_saved

REPO = "module.registry.aws_ecr_repository.this"
VPC = "module.network.aws_vpc.this"
ROUTE = "module.network.aws_route.nat"


def made(address: str, known: str) -> dict[str, object]:
    event = ran("apply_complete", address)
    event["hook"]["id_value"] = known
    return event


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """Plan 1 was killed after it had made VPC and route, with the repository begun. The state knows the VPC."""
    site = Site(tmp_path)
    site.stack.planning = [planned(VPC), planned(ROUTE), planned(REPO)]
    plan(site.ports)
    site.plans.save(replace(site.plans.plans[1], consumed=site.time))
    site.plans.told[1] = [
        planned(VPC), planned(ROUTE), planned(REPO),
        ran("apply_start", VPC), made(VPC, "vpc-1"), ran("apply_start", ROUTE), made(ROUTE, "r-1"),
        ran("apply_start", REPO),
    ]  # fmt: skip
    site.stack.known = {ROUTE}
    return site


def said(site: Site) -> str:
    return "\n".join(site.operator.said)


def test_it_is_said_and_what_the_state_does_not_know_is_imported(site: Site) -> None:
    left = plan(site.ports).left
    assert left.adopted == site.stack.adopted == (Made(VPC, "aws_vpc", "vpc-1"),)
    assert "the apply of plan 0001 has no end: it was killed" in said(site)
    assert "2 of 3 steps were done, 1 were begun" in said(site)
    assert f"begun    {REPO}: nobody knows what AWS has done" in said(site)
    assert f"takes in {VPC}: AWS has vpc-1, the state does not" in said(site)


def test_it_goes_on_record_and_is_said_once(site: Site) -> None:
    plan(site.ports)
    record = site.records.saved[-1]
    assert (record.outcome, record.plan, record.added, record.halfway) == (ApplyOutcome.INTERRUPTED, 1, 2, (REPO,))
    assert not site.plans.file(1).exists(), "it holds the state"
    site.operator.said.clear()
    plan(site.ports)
    assert site.operator.said == []


def test_import_blocks_stay_until_the_state_knows(site: Site) -> None:
    plan(site.ports)
    plan(site.ports)
    assert [one.address for one in site.stack.adopted] == [VPC]
    site.stack.applying = [ran("apply_start", REPO), ran("apply_complete", REPO)]
    site.stack.known |= {VPC, REPO}
    provision(site.ports)
    assert site.stack.adopted == ()


def test_what_cannot_be_imported_is_left_to_a_person(site: Site) -> None:
    site.stack.known = {VPC}
    left = plan(site.ports).left
    assert [one.address for one in left.lost] == [ROUTE]
    assert f"lost     {ROUTE}: AWS has r-1; import or delete it by hand" in said(site)


def test_while_the_dead_ones_lock_is_in_the_way_it_is_said_again(site: Site) -> None:
    def locked() -> None:
        if "plan" in site.stack.calls[-1]:
            raise LockHeld("locked by the dead")

    site.stack.prepares = locked
    for _ in range(2):
        with pytest.raises(LockHeld):
            plan(site.ports)
        assert "the apply of plan 0001 has no end" in said(site)
        site.operator.said.clear()
    assert site.plans.plans[1].ended is None


def test_one_that_lives_is_left_alone(site: Site) -> None:
    site.plans.alive.add(1)
    assert plan(site.ports).left.found == ()
    assert said(site) == "  running  plan 0001 is being applied on this computer: opsctl lock show"


def test_terraform_that_outlived_its_opsctl_is_a_success(site: Site) -> None:
    site.plans.told[1] += [made(REPO, "repo"), {"type": "change_summary", "changes": {"operation": "apply"}}]
    site.stack.known = {VPC, ROUTE, REPO}
    plan(site.ports)
    assert "who started it was killed, its Terraform was not" in said(site)
    assert site.records.saved[-1].outcome is ApplyOutcome.SUCCEEDED
    assert site.stack.adopted == ()


def test_one_that_was_killed_before_it_began_says_nothing(site: Site) -> None:
    site.plans.told[1] = []
    plan(site.ports)
    assert (site.operator.said, site.records.saved) == ([], [])
    assert site.plans.plans[1].ended is not None


def test_a_plan_from_before_the_kill_is_not_applied(site: Site) -> None:
    site.stack.known = {VPC, ROUTE}
    site.plans.save(replace(site.plans.plans[1], number=2, consumed=None))
    with pytest.raises(Refused, match="plan 0002 does not know of an apply that was cut short since"):
        provision_saved(site.ports, 2)
    assert site.stack.applied == []
