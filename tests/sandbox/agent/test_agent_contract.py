"""docs/app-contract.md and the sample service say the same; the files beside this test what the page promises."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from opsctl.sandbox.agent.faults import FAULTS
from opsctl.sandbox.agent.settings import Settings
from opsctl.sandbox.agent.websocket import PROBE_SLOTS

PAGE = (Path(__file__).parents[3] / "docs" / "app-contract.md").read_text()


def rows(heading: str) -> list[list[str]]:
    """The cells of the table whose first heading is this, without the heading."""
    table = PAGE.split(f"| {heading} |", 1)[1].split("\n\n", 1)[0]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()[2:]]


def names(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def test_every_series_exists_with_its_labels(agent, dial, http_request):
    client = dial(agent)
    client.send("x")
    client.recv(timeout=5)
    agent.get("/work")
    found = {(name, label) for name, labels in agent.metrics() for label in [*dict(labels), ""]}
    text = http_request(agent.scrape, "/metrics").body.decode()
    for series, kind, labels, _ in rows("series"):
        (name,) = names(series)
        assert f"# TYPE {name} {re.match('[a-z]+', kind)[0]}\n" in text
        if name != "websocket_refusals_total":  # appears with the first refusal, see test_agent_websocket.py
            sample = f"{name}_bucket" if kind.startswith("histogram") else name
            assert {(sample, label) for label in names(labels)} <= found
            assert (sample, "") in found
    assert len(rows("series")) == text.count("# TYPE")


def test_every_fault_is_on_the_page():
    assert {names(row[0])[0] for row in rows("fault")} == set(FAULTS)


def test_defaults_of_the_variables():
    settings = Settings.from_environ({})
    assert (settings.version, settings.color, settings.bind) == ("dev", "none", "0.0.0.0")
    assert (settings.api_port, settings.ws_port, settings.metrics_port) == (8000, 8080, 8001)
    assert (settings.max_connections, settings.drain_s, settings.slow_s, settings.faults) == (100, 20, 3, {})
    assert settings.max_connections - PROBE_SLOTS == 98


@pytest.mark.parametrize(
    ("variable", "field"),
    [
        ("APP_VERSION", "version"),
        ("COLOR", "color"),
        ("HOSTNAME", "pod"),
        ("BIND", "bind"),
        ("API_PORT", "api_port"),
        ("WS_PORT", "ws_port"),
        ("METRICS_PORT", "metrics_port"),
        ("MAX_CONNECTIONS", "max_connections"),
        ("DRAIN_SECONDS", "drain_s"),
        ("SLOW_SECONDS", "slow_s"),
    ],
)
def test_each_variable_of_the_page_sets_its_setting(variable, field):
    assert variable in {name for row in rows("variable") for name in names(row[0])}
    assert str(getattr(Settings.from_environ({variable: "7"}), field)).removesuffix(".0") == "7"
