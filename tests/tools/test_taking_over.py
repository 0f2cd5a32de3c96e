"""What a killed apply had made: by what it is imported, and the blocks that Terraform reads."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from opsctl.core.environment import Aws, Environment
from opsctl.core.unfinished import Made
from opsctl.tools import import_ids
from opsctl.tools.terraform.roots import StackRoot

ASSOCIATION = Made("m.aws_route_table_association.a", "aws_route_table_association", "rtbassoc-1")
TABLE = "rtb-0123456789abcdef0"
ROUTE = Made("m.aws_route.nat", "aws_route", f"r-{TABLE}1080289494")
AWS = Aws(account_id="123456789012")


class FakeEc2:
    routes: tuple[dict[str, str], ...] = (
        {"Origin": "CreateRouteTable", "DestinationCidrBlock": "10.0.0.0/16"},
        {"Origin": "CreateRoute", "DestinationCidrBlock": "0.0.0.0/0"},
    )

    def describe_route_tables(self, **asked: Any) -> dict[str, Any]:
        associations = [{"RouteTableAssociationId": "rtbassoc-1", "SubnetId": "subnet-1", "RouteTableId": "rtb-1"}]
        return {"RouteTables": [{"Associations": associations, "Routes": list(self.routes)}]}


@pytest.fixture
def ids(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> import_ids.ImportIds:
    monkeypatch.setattr(import_ids, "client", lambda service, aws, project: FakeEc2())
    return import_ids.ImportIds(AWS, tmp_path)


def test_most_things_are_imported_by_their_id(ids: import_ids.ImportIds) -> None:
    vpc = Made("m.aws_vpc.x", "aws_vpc", "vpc-1")
    assert ids.of(vpc) == vpc


def test_some_by_what_aws_is_asked_for(ids: import_ids.ImportIds) -> None:
    found = [ids.of(made) for made in (ASSOCIATION, ROUTE)]
    assert [made.id for made in found if made] == ["subnet-1/rtb-1", f"{TABLE}_0.0.0.0/0"]


def test_what_is_not_certain_is_left_to_a_person(ids: import_ids.ImportIds, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(FakeEc2, "routes", (*FakeEc2.routes, FakeEc2.routes[1]))
    assert ids.of(ROUTE) is None
    assert ids.of(Made("m.aws_wafv2_web_acl.x", "aws_wafv2_web_acl", "id")) is None


def test_blocks_are_written_read_back_and_removed(tmp_path: Path) -> None:
    stack = StackRoot(tmp_path, Environment(name="dev", aws=AWS), {})
    stack.directory.mkdir(parents=True)
    stack.adopt([ASSOCIATION])
    assert stack.imports() == (ASSOCIATION,)
    blocks = json.loads((stack.directory / "imports.tf.json").read_text())
    assert blocks == {"import": [{"to": ASSOCIATION.address, "id": ASSOCIATION.id}]}
    stack.adopt([])
    assert stack.imports() == ()
    assert not (stack.directory / "imports.tf.json").exists()


def test_the_provider_s_version_is_what_init_locked(tmp_path: Path) -> None:
    stack = StackRoot(tmp_path, Environment(name="dev", aws=AWS), {})
    stack.directory.mkdir(parents=True)
    assert stack.provider() == ""
    (stack.directory / ".terraform.lock.hcl").write_text(
        'provider "registry.terraform.io/hashicorp/aws" {\n  version     = "5.100.0"\n  hashes = []\n}\n'
    )
    assert stack.provider() == "5.100.0"
