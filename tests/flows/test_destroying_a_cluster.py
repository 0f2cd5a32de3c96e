"""What Kubernetes made in AWS goes before the cluster, or somebody has said that it stays."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from infra_fakes import Site, planned, ran

from opsctl.core.cluster_made import ClusterMade
from opsctl.core.unfinished import Made
from opsctl.errors import OpsError, Refused, ToolFailed
from opsctl.flows.provision import destroy

CLUSTER = "module.cluster.aws_eks_cluster.this"
WEB = ClusterMade("Service", "apps", "web")
BINDING = ClusterMade("TargetGroupBinding", "apps", "blue")


@pytest.fixture
def site(tmp_path: Path) -> Site:
    made = Site(tmp_path)
    made.stack.planning = [planned(CLUSTER, "delete")]
    made.stack.applying = [ran("apply_start", CLUSTER, "delete"), ran("apply_complete", CLUSTER, "delete")]
    made.stack.endpoint = "https://cluster.test"
    made.workloads.there = [WEB, BINDING]
    return made


def test_it_is_shown_asked_for_removed_and_awaited_before_terraform_begins(site: Site) -> None:
    site.workloads.holds_back = 3
    site.waits = lambda: site.stack.calls.append("waited")
    assert destroy(site.ports, [CLUSTER]) is not None
    assert site.workloads.removed == [WEB, BINDING]
    assert site.stack.calls.index("waited") < site.stack.calls.index("apply")
    assert site.operator.said[0] == "  first    Service apps/web is removed, and what AWS has for it"


def test_no_means_that_nothing_is_removed(site: Site) -> None:
    site.operator.agrees = False
    with pytest.raises(OpsError):
        destroy(site.ports, [CLUSTER])
    assert site.workloads.removed == []


def test_data_loss_is_refused_before_the_cluster_is_asked(site: Site) -> None:
    site.workloads.silent = True
    with pytest.raises(Refused, match="would lose data"):
        destroy(site.ports)


def test_what_does_not_go_stops_it_before_terraform(site: Site) -> None:
    site.workloads.holds_back = 1000
    with pytest.raises(ToolFailed, match=r"after 300 s Kubernetes has not let go of Service apps/web") as error:
        destroy(site.ports, [CLUSTER])
    assert error.value.state == "Terraform has destroyed nothing yet."
    assert "apply" not in site.stack.calls


def test_a_cluster_that_does_not_answer_is_refused(site: Site) -> None:
    site.workloads.silent = True
    with pytest.raises(Refused, match="no answer from the cluster") as error:
        destroy(site.ports, [CLUSTER])
    assert "--without-cluster" in error.value.hint
    assert "apply" not in site.stack.calls


def test_another_cluster_is_never_touched(site: Site) -> None:
    site.workloads.address = "https://production.example"
    with pytest.raises(Refused, match=r"another cluster than the environment's: https://production\.example"):
        destroy(site.ports, [CLUSTER])
    assert site.workloads.removed == []
    site.origin = replace(site.origin, emulated=True)  # its endpoint leads nowhere
    assert destroy(site.ports, [CLUSTER]) is not None


def test_without_the_cluster_it_is_said_what_stays(site: Site) -> None:
    site.workloads.silent = True
    assert destroy(site.ports, [CLUSTER], without_cluster=True) is not None
    assert site.operator.said[0].startswith("  left     what Kubernetes made in AWS is not looked for")


def test_where_no_cluster_goes_nobody_asks_it(site: Site) -> None:
    repository = "module.registry.aws_ecr_repository.this"
    site.workloads.silent = True
    site.stack.planning = [planned(repository, "delete")]
    assert destroy(site.ports, [repository]) is not None


def test_what_only_aws_knows_of_is_taken_over_first(site: Site) -> None:
    site.stack.adopted = (Made("module.network.aws_vpc.this", "aws_vpc", "vpc-1"),)
    with pytest.raises(Refused, match=r"a killed apply had made:\n    module\.network\.aws_vpc\.this: vpc-1"):
        destroy(site.ports, [CLUSTER])
