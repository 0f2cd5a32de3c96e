"""What the charts are given: accepted by their schemas, and the same for both colors but for the color."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import product
from typing import Any

import jsonschema
import pytest

from opsctl.assets import asset
from opsctl.core.color import Color
from opsctl.core.environment import Environment, SecretKey
from opsctl.core.keys import with_value
from opsctl.core.rules.pods import RESERVED_VARIABLES
from opsctl.core.settings import settings_name
from opsctl.render.files import documents
from opsctl.render.values import app_values, edge_values, released_image


def schema(chart: str) -> Any:
    return json.loads((asset("helm") / chart / "values.schema.json").read_text(encoding="utf-8"))


def test_charts_accept_the_values(live: Environment) -> None:
    jsonschema.validate(app_values(live, Color.GREEN, "a:1", {"LOG_LEVEL": "info"}), schema("app"))
    jsonschema.validate(edge_values(live), schema("edge"))


def test_an_image_left_open_is_refused_by_the_chart(live: Environment) -> None:
    with pytest.raises(jsonschema.ValidationError, match="reference"):
        jsonschema.validate(app_values(live, Color.BLUE, "", {}), schema("app"))


def test_colors_differ_in_nothing_but_the_color(live: Environment) -> None:
    blue, green = (app_values(live, color, "a:1", {}) for color in Color)
    assert {**blue, "color": "green"} == green


def test_values_come_from_their_keys(live: Environment) -> None:
    values = app_values(live, Color.BLUE, "a:1", {"LOG_LEVEL": "info"})
    assert values["image"] == {"reference": "a:1"}
    assert values["ports"] == {"api": 8000, "websocket": 8080, "metrics": 8001}
    assert values["termination"] == {"preStopSeconds": 35, "graceSeconds": 330}
    assert values["settings"] == settings_name("ai-agent-sdk", {"LOG_LEVEL": "info"})
    assert values["env"] == {
        "API_PORT": "8000",
        "WS_PORT": "8080",
        "METRICS_PORT": "8001",
        "MAX_CONNECTIONS": "100",
        "DRAIN_SECONDS": "240",
        "AUTHENTICATION": "required",
        "POOL_MIN": "10",
        "POOL_MAX": "20",
        "POOL_TIMEOUT": "30",
        "KEEP_ALIVE_SECONDS": "310",
        "PING_SECONDS": "20",
        "RATE_LIMIT_PER_MINUTE": "100",
    }


OUTPUTS = {
    "database": {
        "address": "db.internal",
        "port": 5432,
        "name": "ai_agent_sdk",
        "user_name": "app",
        "secret_arn": "arn",
    },
    "cache": {"address": "cache.internal", "reader_address": "ro.internal", "port": 6379, "user_name": "u", "id": "c"},
    "secrets": {"prefix": "ai-agent-sdk-live/", "arns": {}},
}


def test_what_was_provisioned_is_told_to_the_application(live: Environment) -> None:
    told = app_values(live, Color.BLUE, "a:1", {}, OUTPUTS)
    assert told["env"].items() - app_values(live, Color.BLUE, "a:1", {})["env"].items() == {
        ("DATABASE_HOST", "db.internal"),
        ("DATABASE_PORT", "5432"),
        ("DATABASE_NAME", "ai_agent_sdk"),
        ("DATABASE_USER", "app"),
        ("REDIS_HOST", "cache.internal"),
        ("REDIS_READER_HOST", "ro.internal"),
        ("REDIS_PORT", "6379"),
        ("REDIS_USER", "u"),
        ("REDIS_NAME", "c"),
        ("SECRETS_PREFIX", "ai-agent-sdk-live/"),
    }
    jsonschema.validate(told, schema("app"))


_GROUP = "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup"
GROUPS = {
    f"{service}-{color}": f"{_GROUP}/live-{service}-{color}/{n}f2a"
    for n, (service, color) in enumerate(product(("api", "websocket"), Color))
}


def test_target_groups_are_bound_where_users_come_by_them(live: Environment, emulated: Environment) -> None:
    edge = {"edge": {"target_group_arns": GROUPS}}
    told = edge_values(live, edge)
    assert told["targetGroups"] == GROUPS
    jsonschema.validate(told, schema("edge"))
    for environment, outputs in [(live, {}), (live, {"edge": None}), (emulated, edge)]:
        assert edge_values(environment, outputs)["targetGroups"] == {}


def test_rendered_files_say_what_a_release_would(live: Environment) -> None:
    outputs = {**OUTPUTS, "edge": {"target_group_arns": GROUPS}}
    found = documents(live, outputs)
    assert found["values-edge.yaml"] == edge_values(live, outputs)
    assert found["values-green.yaml"] == app_values(live, Color.GREEN, "", {}, outputs)


def test_of_a_cache_that_there_is_not_nobody_is_told(live: Environment) -> None:
    env = app_values(live, Color.BLUE, "a:1", {}, {**OUTPUTS, "cache": None})["env"]
    assert not [name for name in env if name.startswith("REDIS")]


def test_what_a_person_says_goes_before_what_was_provisioned(live: Environment) -> None:
    """Kubernetes lets `env` win over `envFrom`, and refuses a name that is there twice."""
    secret = with_value(live, "application.secrets", {"DATABASE_USER": SecretKey("agent-db-v7", "user")})
    env = app_values(secret, Color.BLUE, "a:1", {"DATABASE_HOST": "proxy.internal"}, OUTPUTS)["env"]
    assert not env.keys() & {"DATABASE_HOST", "DATABASE_USER"}
    assert env["DATABASE_PORT"] == "5432"


def test_the_same_outputs_make_the_same_values(live: Environment) -> None:
    """Else a deploy of what is active would not be `unchanged`; with other addresses it has to be a new release."""
    first, moved = (app_values(live, Color.BLUE, "a:1", {}, OUTPUTS | change) for change in ({}, {"cache": None}))
    assert first == app_values(live, Color.BLUE, "a:1", {}, dict(OUTPUTS)) != moved


def test_the_contract_wins_over_settings_of_a_release(live: Environment) -> None:
    """Kubernetes lets `env` win over `envFrom`."""
    assert app_values(live, Color.BLUE, "a:1", {"POOL_MAX": "900"})["env"]["POOL_MAX"] == "20"


def test_without_settings_nothing_is_referred_to(live: Environment) -> None:
    assert app_values(live, Color.BLUE, "a:1", {})["settings"] == ""


def test_of_a_secret_only_its_name_and_key_are_rendered(live: Environment) -> None:
    secret = {"DATABASE_URL": SecretKey("agent-db-v7", "url")}
    told = app_values(with_value(live, "application.secrets", secret), Color.BLUE, "a:1", {})
    assert told["secrets"] == {"DATABASE_URL": {"name": "agent-db-v7", "key": "url"}}
    jsonschema.validate(told, schema("app"))


def test_what_the_values_refer_to_is_rendered_beside_them(live: Environment) -> None:
    found = documents(with_value(live, "application.environment", {"LOG_LEVEL": "info"}))
    assert found["settings.yaml"]["metadata"]["name"] == found["values-blue.yaml"]["settings"]
    assert found["settings.yaml"]["metadata"]["namespace"] == "ai-agent-sdk"
    assert (found["settings.yaml"]["data"], found["settings.yaml"]["immutable"]) == ({"LOG_LEVEL": "info"}, True)
    assert "settings.yaml" not in documents(live)


def test_reserved_names_are_those_that_are_set(live: Environment) -> None:
    """COLOR is set by the chart itself."""
    assert app_values(live, Color.BLUE, "a:1", {})["env"].keys() | {"COLOR", "SERVICES"} == RESERVED_VARIABLES


@pytest.mark.parametrize(
    ("image", "released"),
    [
        ("a:1", "a:1"),
        ("host:5000/a:1", "host:5000/a:1"),
        ("a@sha256:" + "0" * 64, "a@sha256:" + "0" * 64),
        ("host:5000/a", ""),
        ("a", ""),
        (None, ""),
    ],
)
def test_only_an_image_with_a_tag_or_digest_is_released(live: Environment, image: str | None, released: str) -> None:
    assert released_image(replace(live, workload=replace(live.workload, image=image))) == released


@pytest.mark.parametrize(
    ("guard", "image", "wanted"),
    [("in_cluster", "opsctl:1", True), ("in_cluster", None, False), ("none", "opsctl:1", False)],
)
def test_the_guards_rights_are_there_where_there_can_be_a_guard(
    live: Environment, guard: Any, image: str | None, wanted: bool
) -> None:
    guarded = replace(live, release=replace(live.release, guard=guard, guard_image=image))
    assert edge_values(guarded)["guard"] is wanted
