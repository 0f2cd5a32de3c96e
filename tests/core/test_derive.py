"""What follows from other keys, and how many pods that comes to."""

from __future__ import annotations

from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsctl.core.capacity import connections_of, pods_for, with_headroom
from opsctl.core.derive import derive
from opsctl.core.environment import Application, Aws, Environment
from opsctl.core.keys import value_at, with_value

BARE = Environment(name="live", application=Application(name="app"))
WITH_ACCOUNT = Environment(name="live", application=Application(name="app"), aws=Aws(account_id="123456789012"))

DERIVED = {
    "application.namespace": "app",
    "state.key": "live/terraform.tfstate",
    "network.endpoints": "minimal",
    "release.drain.reconnects_per_second": 10.0,
    "edge.websocket.deregistration_delay": 300,
    "workload.replicas": 15,
    "state.bucket": "app-tfstate-123456789012-us-east-1",
    "workload.image": "123456789012.dkr.ecr.us-east-1.amazonaws.com/app-live",
}


def test_everything_open_is_filled_in_and_says_from_what() -> None:
    environment, derivations = derive(WITH_ACCOUNT)
    assert {found.path: found.value for found in derivations} == DERIVED
    assert all(value_at(environment, path) == value for path, value in DERIVED.items())
    for found in derivations:
        for source in found.sources:
            value_at(environment, source)  # raises where a source is no key


@pytest.mark.parametrize("path", DERIVED)
def test_what_is_given_stays(path: str) -> None:
    given_value = 99 if path == "workload.replicas" else "given:1"
    environment, derivations = derive(with_value(WITH_ACCOUNT, path, given_value))
    assert value_at(environment, path) == given_value
    assert path not in {found.path for found in derivations}


@pytest.mark.parametrize(("pre_stop", "drain", "delay"), [(35, 240, 300), (60, 600, 660), (300, 3600, 3600)])
def test_no_socket_is_cut_that_the_application_is_closing(pre_stop: int, drain: int, delay: int) -> None:
    slow = with_value(with_value(BARE, "workload.pre_stop_seconds", pre_stop), "workload.drain_seconds", drain)
    assert derive(slow)[0].edge.websocket.deregistration_delay == delay


def test_without_an_account_what_needs_it_stays_open() -> None:
    environment, _ = derive(BARE)
    assert (environment.state.bucket, environment.workload.image) == (None, None)
    assert environment.state.key == "live/terraform.tfstate"


def test_images_come_from_the_repository_that_is_there() -> None:
    url = "210987654321.dkr.ecr.eu-west-1.amazonaws.com/shared/agent"
    environment, derivations = derive(with_value(WITH_ACCOUNT, "registry.existing_url", url))
    assert environment.workload.image == url
    assert [found.sources for found in derivations if found.path == "workload.image"] == [("registry.existing_url",)]


def test_without_nat_all_of_aws_is_in_the_network() -> None:
    environment, _ = derive(with_value(BARE, "network.nat", "none"))
    assert environment.network.endpoints == "private"


def test_deriving_twice_changes_nothing() -> None:
    once, _ = derive(WITH_ACCOUNT)
    assert derive(once) == (once, ())


@pytest.mark.parametrize(
    ("agents", "zones", "pods"), [(1, 3, 3), (1, 2, 2), (100, 3, 3), (1000, 3, 15), (1000, 2, 20), (250, 3, 6)]
)
def test_pods_of_known_cases(agents: int, zones: int, pods: int) -> None:
    assert pods_for(agents, 100, zones) == pods


@given(st.integers(1, 100_000), st.integers(1, 10_000), st.integers(2, 3))
def test_all_agents_fit_with_headroom_and_with_one_zone_lost(agents: int, connections: int, zones: int) -> None:
    pods = pods_for(agents, connections, zones)
    assert pods >= 2
    assert 10 * pods * connections >= 14 * agents
    assert (pods - ceil(pods / zones)) * connections >= agents
    assert pods >= with_headroom(agents, connections)


@pytest.mark.parametrize(
    ("instance_class", "connections"),
    [
        ("db.t4g.small", 205), ("db.t4g.medium", 413), ("db.m7g.large", 856), ("db.t4g.large", 856),
        ("db.m7g.xlarge", 1700), ("db.r7g.large", 1700), ("db.m7g.2xlarge", 3400), ("db.r7g.xlarge", 3400),
        ("db.m7g.4xlarge", 4750), ("db.r7g.2xlarge", 4750), ("db.r8g.16xlarge", 4750), ("db.m6i.12xlarge", 4750),
        ("db.t4g.micro", None), ("db.x2g.large", None), ("db.serverless", None), ("db.m7g.huge", None),
    ],
)  # fmt: skip
def test_connections_of_a_class(instance_class: str, connections: int | None) -> None:
    assert connections_of(instance_class) == connections
