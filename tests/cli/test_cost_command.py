"""`opsctl cost`: without AWS, without Terraform, without an account."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from opsctl.cli import app
from opsctl.cli.exits import run


def project(folder: Path, **environments: dict[str, object]) -> Path:
    (folder / "environments").mkdir()
    for name, settings in environments.items():
        (folder / "environments" / f"{name}.yaml").write_text(json.dumps(settings))
    return folder


def cost(folder: Path, *words: str) -> int:
    return run(app, ["cost", *words, "--project", str(folder)])


def test_an_estimate_says_its_date_error_assumptions_and_what_it_leaves_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cost(project(tmp_path, dev={})) == 0
    said = capsys.readouterr().out
    for words in (
        "prices of 2026-11-22",
        "±15 %",
        "million requests",
        "AWS support",
        "at 3 nodes",
        "nothing is ever bought",
    ):
        assert words in " ".join(said.split())
    assert max(map(len, said.splitlines())) <= 80


def test_the_data_adds_up(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cost(project(tmp_path, dev={}), "-o", "json") == 0
    data = json.loads(capsys.readouterr().out)
    assert sum(line["usd"] for line in data["lines"]) == pytest.approx(data["usd_a_month"], abs=0.1)
    assert {"source", "error", "quantity", "unit_usd", "price"} <= data["lines"][0].keys()


def test_a_region_without_prices_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cost(project(tmp_path, dev={"aws": {"region": "eu-central-1", "dr_region": "eu-west-1"}})) == 1
    assert "no prices for eu-central-1" in capsys.readouterr().err


def test_all_environments_in_a_table(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    elsewhere = {"aws": {"region": "eu-central-1", "dr_region": "eu-west-1"}}
    project(tmp_path, dev={"database": {"multi_az": False}}, live={}, europe=elsewhere, wrong={"databse": 1})
    assert cost(tmp_path, "--all") == 0
    rows = {row.split()[0]: row for row in capsys.readouterr().out.splitlines()}
    assert "no prices for this region" in rows["europe"]
    assert "mistake" in rows["wrong"]
    amounts = [float(rows[name].split()[2].lstrip("≥").replace(",", "")) for name in ("dev", "live")]
    assert amounts[0] < amounts[1]
    assert float(rows["together"].split()[1].replace(",", "")) == pytest.approx(sum(amounts), abs=1)


def test_what_is_emulated_costs_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    project(tmp_path, live={}, sandbox={"aws": {"emulated": True}})
    assert cost(tmp_path, "--all") == 0
    rows = {row.split()[0]: row for row in capsys.readouterr().out.splitlines()}
    assert rows["sandbox"].endswith("(emulated: costs nothing)")
    assert rows["together"].split()[1] == rows["live"].split()[2].lstrip("≥")
    assert cost(tmp_path, "--all", "-o", "json") == 0
    data = json.loads(capsys.readouterr().out)
    assert {name: found["emulated"] for name, found in data.items()} == {"live": False, "sandbox": True}
    assert cost(tmp_path, "--env", "sandbox") == 0
    assert "emulated costs nothing" in " ".join(capsys.readouterr().out.split())
