"""`opsctl sandbox load`: where it finds the front door, and what it says when there is none."""

from __future__ import annotations

from pathlib import Path

import pytest

from opsctl.cli import app
from opsctl.cli.exits import run
from opsctl.cli.sandbox_load import front_door
from opsctl.errors import OpsError

PROJECT = Path("shop")


def service(**node_ports: int) -> dict:
    ports = [{"name": name, "port": 1, "nodePort": port} for name, port in node_ports.items()]
    return {"metadata": {"name": "ai-agent-sdk"}, "spec": {"ports": [*ports, {"name": "metrics", "port": 8001}]}}


def test_node_ports_by_name():
    assert front_door([service(websocket=30081, api=30080)], PROJECT) == (30080, 30081)


def test_of_an_application_that_is_split_each_workload_has_one():
    assert front_door([service(api=30080), service(websocket=30081)], PROJECT) == (30080, 30081)


@pytest.mark.parametrize("ports", [{}, {"api": 30080}, {"websocket": 30081}])
def test_a_service_without_node_ports(ports):
    with pytest.raises(OpsError, match="has no node ports for api and websocket") as caught:
        front_door([service(**ports)], PROJECT)
    assert caught.value.hint


def test_nothing_was_released_yet():
    with pytest.raises(OpsError, match="nothing was released") as caught:
        front_door([], PROJECT)
    assert caught.value.hint == "opsctl deploy --color blue -C shop"


def test_without_a_sandbox_it_says_how_to_start_one(tmp_path, capsys):
    assert run(app, ["sandbox", "load", "-C", str(tmp_path)]) == 1
    words = capsys.readouterr()
    assert (words.out, "opsctl sandbox up" in words.err) == ("", True)
