"""No key without effect: each one changes a rendered file, or is listed with its use."""

from __future__ import annotations

import pytest

from opsctl.core.environment import Aws, Ci, Environment
from opsctl.core.keys import keys, value_at
from opsctl.core.uses import LATER, USES
from opsctl.render.feeds import another, feeds

GIVEN = Environment(name="live", aws=Aws(account_id="123456789012"), ci=Ci(repository="acme/agent"))


def test_keys_that_reach_no_file_are_listed_with_their_use_and_no_others() -> None:
    assert {path for path in keys() if not feeds(GIVEN, path)} == USES.keys() | LATER.keys()


@pytest.mark.parametrize("path", keys())
def test_another_value_differs(path: str) -> None:
    value = value_at(GIVEN, path)
    assert another(value, keys()[path].type) != value


@pytest.mark.parametrize(
    ("path", "places"),
    [
        ("network.cidr", {"terraform/terraform.tfvars.json: network.cidr"}),
        ("cluster.nodes.max", {"terraform/terraform.tfvars.json: cluster.nodes.max"}),
        ("database.pool_max", {"values-blue.yaml: env.POOL_MAX", "values-green.yaml: env.POOL_MAX"}),
        (
            "state.key",
            {"terraform/backend.tf.json: terraform.backend.s3.key", "terraform/terraform.tfvars.json: state.key"},
        ),
    ],
)
def test_places_are_named(path: str, places: set[str]) -> None:
    assert set(feeds(GIVEN, path)) == places


def test_a_key_is_followed_through_what_is_derived_from_it() -> None:
    assert "terraform/backend.tf.json: terraform.backend.s3.bucket" in feeds(GIVEN, "aws.region")
    assert "terraform/terraform.tfvars.json: context.namespace" in feeds(GIVEN, "application.name")


def test_a_file_that_comes_or_goes_is_named() -> None:
    assert "terraform/provider_override.tf.json" in feeds(GIVEN, "aws.emulated")
