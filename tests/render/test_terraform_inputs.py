"""What Terraform is given: variables that mirror variables.tf both ways, and a complete backend."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest

from opsctl.assets import asset
from opsctl.config import INFRASTRUCTURE
from opsctl.core.derive import derive
from opsctl.core.environment import Aws, Environment
from opsctl.render.backend import ALIASES, backend, provider_override
from opsctl.render.tfvars import MODULES, tfvars

Shape = dict[str, Any] | None  # attributes of an object, None for anything else


def declared() -> dict[str, Shape]:
    """Variables of the root module with the attributes of their types, read from `terraform fmt`ed source."""
    found: dict[str, Shape] = {}
    stack: list[dict[str, Any]] = []
    variable, in_type = "", False
    for line in (asset("terraform") / "variables.tf").read_text(encoding="utf-8").splitlines():
        text = line.split("#")[0].strip()
        if opened := re.fullmatch(r'variable "(\w+)" \{', text):
            variable = opened[1]
            found[variable] = None
        elif text == "type = object({":
            found[variable], in_type = {}, True
            stack = [found[variable] or {}]
            found[variable] = stack[0]
        elif in_type and (nested := re.fullmatch(r"(\w+)\s*= object\(\{", text)):
            stack.append(stack[-1].setdefault(nested[1], {}))
        elif in_type and text == "})":
            stack.pop()
            in_type = bool(stack)
        elif in_type and (attribute := re.fullmatch(r"(\w+)\s*= \S.*", text)):
            stack[-1][attribute[1]] = None
    return found


def shape(value: Any, like: Shape) -> Shape:
    """Attributes of a rendered value, as deep as the declaration has objects: a map's keys are data."""
    if not isinstance(value, dict) or like is None:
        return None
    return {key: shape(inner, like.get(key)) for key, inner in value.items()}


def test_the_reader_reads_what_is_there() -> None:
    found = declared()
    assert {"context", "network", "cluster", "registry", "database"} <= found.keys()
    cluster = found["cluster"] or {}
    assert cluster["version"] is None
    assert "instance_types" in cluster["nodes"]


def test_variables_and_rendering_mirror_each_other(live: Environment) -> None:
    """An attribute that only one side knows would be dropped, or refused at plan."""
    want = declared()
    assert {name: shape(value, want.get(name)) for name, value in tfvars(live).items()} == want


def test_context_names_the_environment(live: Environment) -> None:
    tagged = replace(live, aws=replace(live.aws, tags={"owner": "platform"}))
    assert tfvars(tagged)["context"] == {
        "name": "ai-agent-sdk-live",
        "application": "ai-agent-sdk",
        "environment": "live",
        "stage": "production",
        "namespace": "ai-agent-sdk",
        "account_id": "123456789012",
        "region": "us-east-1",
        "dr_region": "us-west-2",
        "permissions_boundary_arn": None,
        "tags": {"owner": "platform"},
    }


def test_the_backend_is_complete_and_locked(live: Environment) -> None:
    """`encrypt` would replace the bucket's own KMS key by S3's, so it must not come back."""
    assert backend(live) == {
        "terraform": {
            "backend": {
                "s3": {
                    "bucket": "ai-agent-sdk-tfstate-123456789012-us-east-1",
                    "key": "live/terraform.tfstate",
                    "region": "us-east-1",
                    "use_lockfile": True,
                }
            }
        }
    }


def test_aws_itself_gets_no_override(live: Environment) -> None:
    assert provider_override(live) is None


def test_an_emulator_gets_flags_only(emulated: Environment) -> None:
    settings = backend(emulated)["terraform"]["backend"]["s3"]
    skipped = {"use_path_style", "skip_credentials_validation", "skip_requesting_account_id", "skip_metadata_api_check"}
    assert {key for key, value in settings.items() if value is True} == skipped | {"use_lockfile"}
    flags = {
        "max_retries": 2,
        "s3_use_path_style": True,
        "skip_region_validation": True,
        "skip_metadata_api_check": True,
    }
    others = [flags | {"alias": "dr"}, flags | {"alias": "us_east_1"}]
    assert provider_override(emulated) == {"provider": {"aws": [flags, *others]}}
    assert provider_override(emulated, aliases=()) == {"provider": {"aws": [flags]}}


def test_every_provider_is_overridden() -> None:
    """A provider that the override forgets would ask the real AWS."""
    text = (asset("terraform") / "providers.tf").read_text(encoding="utf-8")
    assert re.findall(r'alias\s+= "(\w+)"', text) == list(ALIASES)


@pytest.mark.parametrize("emulated_", [True, False])
def test_no_credentials_and_no_endpoints(emulated_: bool) -> None:
    """Both come from the AWS configuration, so neither ends in a file."""
    aws = Aws(account_id="123456789012", profile="my-profile", config_file="my-config", emulated=emulated_)
    environment = derive(Environment(name="x", aws=aws))[0]
    ways = str(backend(environment)) + str(provider_override(environment))
    assert not re.search(r"access_key|secret|profile|endpoint|token", ways)
    assert not re.search(r"my-profile|my-config|https?://", ways + str(tfvars(environment)))


def test_what_is_terraforms_alone_keeps_nobody_from_releasing() -> None:
    """A mistake in one of these sections must not stop `status` or `rollback`."""
    assert set(MODULES) <= set(INFRASTRUCTURE)
