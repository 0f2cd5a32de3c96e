"""An environment whose VPC, cluster and registry are there already: real Terraform, and nothing is made."""

from __future__ import annotations

from typing import Any

from terraform_stack import ENVIRONMENT, NAME, Stack

BUCKET = "agent-tfstate-123456789012-us-east-1"
TARGETS = ("-target=module.network", "-target=module.cluster", "-target=module.registry")


def guest_of(host: Stack, **existing: Any) -> Stack:
    """Another environment in the host's AWS, in its network and its cluster, with its images."""
    folder = host.folder / "guest"
    folder.mkdir()
    network = host.outputs()["network"]
    tiers = {f"{tier}_subnet_ids": network[f"{tier}_subnet_ids"] for tier in ("private", "database")}
    settings: dict[str, Any] = {
        "application": {"name": "guest"},
        "aws": ENVIRONMENT["aws"],
        "state": {"bucket": BUCKET, "key": "guest/terraform.tfstate"},
        "network": {"existing": {"vpc_id": network["vpc_id"], **tiers, **existing}},
        "cluster": {"existing_name": NAME},
        "observability": {"log_shipper": "none"},
        "kubernetes": {"kubeconfig": "host.yaml"},
        "registry": {"existing_url": host.outputs()["registry"]["repository_url"]},
    }
    guest = Stack(folder, host.aws, settings)
    guest.render()
    guest.terraform("init")
    return guest


def test_what_is_there_is_read_and_nothing_is_made(stack: Stack) -> None:
    guest = guest_of(stack)
    guest.terraform("apply", "-auto-approve", *TARGETS)
    addresses = guest.terraform("state", "list").split()
    assert [address for address in addresses if ".data." not in address] == []
    host, found = stack.outputs(), guest.outputs()
    assert found["cluster"] == host["cluster"]
    assert found["registry"] == host["registry"]
    assert found["network"]["vpc_cidr"] == "10.40.0.0/16"
    for tier in ("private", "database"):
        assert found["network"][f"{tier}_subnet_ids"] == host["network"][f"{tier}_subnet_ids"]
    assert found["network"]["edge_subnet_ids"] == host["network"]["private_subnet_ids"]


def test_a_subnet_of_another_network_is_refused(stack: Stack) -> None:
    default = stack.client("ec2").describe_subnets(Filters=[{"Name": "default-for-az", "Values": ["true"]}])["Subnets"]
    zones = sorted(stack.outputs()["network"]["zones"])
    foreign = {subnet["AvailabilityZone"]: subnet["SubnetId"] for subnet in default}
    guest = guest_of(stack, database_subnet_ids={zone: foreign[zone] for zone in zones})
    said = guest.terraform("plan", *TARGETS, ok=(1,))
    assert f"{foreign[zones[0]]} belongs to" in said
