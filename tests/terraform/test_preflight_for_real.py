"""The pre-flight's questions, asked of the fake AWS: all of them at once, within seconds."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from terraform_stack import FakeAwsProcess, Stack

from opsctl.core.checkup import Finding, Level
from opsctl.core.environment import Environment
from opsctl.sandbox.fake_aws.server import ACCOUNT_ID
from opsctl.tools.preflight import AwsPreflight

LIMIT_S = 3.0


@pytest.fixture
def stack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stack]:
    made = Stack(tmp_path, FakeAwsProcess(tmp_path))
    for name, value in (("ACCESS_KEY_ID", "test"), ("SECRET_ACCESS_KEY", "test"), ("ENDPOINT_URL", made.aws.url)):
        monkeypatch.setenv(f"AWS_{name}", value)
    monkeypatch.delenv("AWS_SESSION_TOKEN", raising=False)
    yield made
    made.aws.end(signal.SIGKILL)


def looked(stack: Stack, environment: Environment) -> dict[str, Finding]:
    """Findings by name and by the first word of what they say."""
    found = AwsPreflight(environment, stack.folder).findings_without_plan()
    return {f"{each.name} {each.detail.split(':')[0]}" if each.name == "quota" else each.name: each for each in found}


def test_an_empty_account_within_seconds(stack: Stack) -> None:
    environment = stack.render()
    looked(stack, environment)  # moto reads what it knows of a service when it is first asked
    began = time.monotonic()
    found = looked(stack, environment)
    assert time.monotonic() - began < LIMIT_S
    assert found["quota VPCs"].detail == "VPCs: 1 more, 1 of 5 are used"
    assert found["quota elastic IPs"].level is Level.OK
    assert found["quota on-demand processors"].level is Level.OK
    assert found["credentials"].detail == "keys without an end"
    assert found["aws roles"].level is Level.WARN
    assert found["network"].level is Level.OK


def test_what_is_in_the_way_is_found(stack: Stack) -> None:
    ec2, iam = stack.client("ec2"), stack.client("iam")
    tags = [{"ResourceType": "vpc", "Tags": [{"Key": "Name", "Value": "office"}]}]
    ec2.create_vpc(CidrBlock="10.40.0.0/20", TagSpecifications=tags)
    for _ in range(3):
        ec2.allocate_address(Domain="vpc")
    iam.create_service_linked_role(AWSServiceName="rds.amazonaws.com")
    stack.settings["edge"] = {"certificate_arn": f"arn:aws:acm:us-east-1:{ACCOUNT_ID}:certificate/0-1"}
    found = looked(stack, stack.render())
    assert found["certificate"].detail == "edge.certificate_arn: ACM says NOT FOUND"
    assert (found["network"].level, "office" in found["network"].detail) == (Level.WARN, True)
    assert found["quota elastic IPs"].level is Level.FAIL
    assert "rds.amazonaws.com" not in found["aws roles"].detail


def test_an_endpoint_that_is_gone_leaves_everything_unknown(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    environment = stack.render()
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    found = looked(stack, environment)
    assert {found[name].level for name in ("quota VPCs", "quota elastic IPs", "aws roles", "network")} == {
        Level.UNKNOWN
    }
