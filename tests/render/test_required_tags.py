"""Whose it is, who pays and what its data are: tags of everything, where they were given."""

from __future__ import annotations

from dataclasses import replace

from opsctl.core.environment import Cost, Environment
from opsctl.render.tfvars import tfvars


def test_what_was_given_is_a_tag_of_everything(live: Environment) -> None:
    cost = Cost(owner="platform", cost_center="4711", data_class="confidential", compliance="soc2")
    tagged = replace(live, cost=cost, aws=replace(live.aws, tags={"team": "agents"}))
    assert tfvars(tagged)["context"]["tags"] == {
        "team": "agents",
        "owner": "platform",
        "cost-center": "4711",
        "data-class": "confidential",
        "compliance": "soc2",
    }


def test_what_was_not_given_is_no_tag(live: Environment) -> None:
    assert tfvars(live)["context"]["tags"] == {}
