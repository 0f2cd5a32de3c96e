"""`opsctl doctor` on the programs that opsctl and its user run, and on AWS."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from opsctl import wiring
from opsctl.core.checkup import Level
from opsctl.core.environment import Aws, Cluster, Environment
from opsctl.tools import checkup


@pytest.mark.parametrize(
    ("environment", "level"),
    [
        (Environment("live", cluster=Cluster(version="1.35")), Level.WARN),
        (Environment("live", cluster=Cluster(version="1.33")), Level.OK),
        (
            Environment("live", cluster=Cluster(version="1.35"), aws=Aws(emulated=True)),
            Level.OK,
        ),  # the sandbox has its own
        (Environment("live", cluster=Cluster(version="1.35", existing_name="theirs")), Level.OK),
    ],
)
def test_kubectl_is_held_against_the_version_of_the_cluster_that_is_made(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, environment: Environment, level: Level
) -> None:
    def says(command: Any, timeout: float) -> SimpleNamespace:
        return SimpleNamespace(stdout="Client Version: v1.32.4", stderr="")

    monkeypatch.setattr(checkup, "run", says)
    found = {finding.name: finding for finding in islice(wiring.checkup(tmp_path, environment), 3)}
    assert found["kubectl"].level is level


def test_an_emulated_aws_that_gives_no_answer_has_to_be_started(tmp_path: Path) -> None:
    gone = Environment("sandbox", aws=Aws(profile="gone", emulated=True))
    assert checkup.check_aws(gone, tmp_path).remedy == "opsctl sandbox up"
