"""`opsctl doctor` on the programs that opsctl and its user run."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from opsctl.core.checkup import Level
from opsctl.tools import checkup


@pytest.mark.parametrize(("cluster", "level"), [("1.35", Level.WARN), ("1.33", Level.OK), (None, Level.OK)])
def test_kubectl_is_held_against_the_version_of_the_cluster(
    monkeypatch: pytest.MonkeyPatch, cluster: str | None, level: Level
) -> None:
    def says(command: Any, timeout: float) -> SimpleNamespace:
        return SimpleNamespace(stdout="Client Version: v1.32.4", stderr="")

    monkeypatch.setattr(checkup, "run", says)
    found = {finding.name: finding for finding in checkup.check_tools("terraform", cluster)}
    assert found["kubectl"].level is level
