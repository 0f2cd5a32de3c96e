"""What the environment file is said to cost is what the stack that Terraform plans from it costs."""

from __future__ import annotations

import json
import signal
from pathlib import Path
from typing import Any

import pytest
from terraform_stack import FakeAwsProcess, Stack

from opsctl.config import load
from opsctl.core.cost.assumed import assume
from opsctl.core.cost.estimate import Estimate, estimate
from opsctl.core.cost.planned import before_and_after
from opsctl.core.cost.prices import BOOKS
from opsctl.core.cost.wanted import wanted
from opsctl.core.environment import Environment

CLOSE = 0.002  # a few alarms more or less
SETTINGS: dict[str, dict[str, Any]] = {
    "as it is tested": {},
    "everything": {
        "observability": {"prometheus": "managed", "grafana": "managed"},
        "database": {"dr_backup_days": 7},
        "secrets": {"replicate": True},
        "backup": {"copy_days": 30},
    },
    "small": {"network": {"nat": "single", "zones": 2}, "database": {"multi_az": False, "storage_gb": 40}},
}


@pytest.mark.usefixtures("cli_configuration")
def test_file_and_plan_agree(tmp_path: Path) -> None:
    stack = Stack(tmp_path, FakeAwsProcess(tmp_path))
    try:
        stack.bootstrap()
        stack.terraform("init")
        for name, settings in SETTINGS.items():
            by_file, by_plan = _both(stack, settings)
            assert by_file.usd == pytest.approx(by_plan.usd, rel=CLOSE), f"{name}:\n{_apart(by_file, by_plan)}"
            assert set(by_file.missing) == set(by_plan.missing), name
    finally:
        stack.aws.end(signal.SIGKILL)


def _both(stack: Stack, settings: dict[str, Any]) -> tuple[Estimate, Estimate]:
    stack.settings |= settings
    stack.render()
    stack.terraform("plan", "-out=cost.plan")
    environment = load(stack.folder, "test").environment
    shown = json.loads(stack.terraform("show", "-json", "cost.plan"))
    _, after = before_and_after(shown, {"dr": environment.aws.dr_region, "us_east_1": "us-east-1"})
    return _priced(wanted(environment), environment), _priced(after, environment)


def _priced(resources: list[Any], environment: Environment) -> Estimate:
    return estimate(resources, assume(environment), BOOKS[environment.aws.region])


def _apart(by_file: Estimate, by_plan: Estimate) -> str:
    """The lines that only one of them has, for whoever added a module: `core/cost/wanted.py` lacks it."""
    one, other = ({(line.module, line.what, round(line.usd, 2)) for line in e.lines} for e in (by_file, by_plan))
    return f"only by file: {sorted(one - other)}\nonly by plan: {sorted(other - one)}"
