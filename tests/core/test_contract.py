"""What is written on a Deployment and in a record comes back as it was; what somebody broke does not come back."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from typing import Any

import pytest

from opsctl.core.contract import read_contract, record_of
from opsctl.core.environment import Metrics, Release, Services, Websocket
from opsctl.core.recorded import restored

OTHER = Services(websocket=Websocket(port=9090, path="/socket"), metrics=Metrics(required_series=["up"]))


@pytest.mark.parametrize("services", [Services(), OTHER])
def test_there_and_back(services: Services) -> None:
    assert read_contract(json.dumps(record_of(services))) == services


def test_what_a_later_opsctl_adds_is_ignored() -> None:
    record = record_of(OTHER)
    record["api"]["later"] = 1
    assert read_contract(json.dumps({**record, "grpc": {"port": 1}})) == OTHER


@pytest.mark.parametrize(
    "broken",
    [
        {"api": {"port": 0, "health_path": "/"}},
        {"api": {"port": "8000", "health_path": "/"}},
        {"api": {"port": True, "health_path": "/"}},
        {"api": {"port": 8000, "health_path": "health"}},
        {"api": {"port": 8000}},
        {"api": []},
        {"metrics": {"port": 1, "path": "/", "required_series": [1]}},
        {"metrics": {"port": 1, "path": "/", "required_series": "up"}},
    ],
)
def test_what_somebody_broke_by_hand_is_none(broken: dict[str, Any]) -> None:
    assert read_contract(json.dumps({**record_of(OTHER), **broken})) is None


@pytest.mark.parametrize("text", ["", "{", "[]", "7", "{}"])
def test_what_is_no_contract_is_none(text: str) -> None:
    assert read_contract(text) is None


def test_a_policy_comes_back_from_its_record() -> None:
    policy = Release(bake_seconds=7.5, standby=1, guard_image="opsctl:1")
    assert restored(Release(), json.loads(json.dumps(asdict(policy)))) == policy


def test_what_a_record_lacks_stays_and_what_nobody_knows_is_ignored() -> None:
    policy = Release(bake_seconds=7.5)
    assert restored(policy, {"gate_seconds": 2.0, "later": 1}) == replace(policy, gate_seconds=2.0)


def test_parts_of_parts_come_back_too() -> None:
    assert restored(Services(), json.loads(json.dumps(record_of(OTHER)))) == OTHER
