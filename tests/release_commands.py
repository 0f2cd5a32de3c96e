"""opsctl's release commands as an operator runs them: only the cluster is simulated.

Command line, configuration, flows and console are real.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fakes import FakeTapes, World

from opsctl import wiring
from opsctl.cli import app
from opsctl.cli.exits import run

ENVIRONMENT = """\
application: {name: agent, agents: 10, environment: {LOG_LEVEL: info}}
workload: {image: "good:1", replicas: 2}
release: {gate_seconds: 1, bake_seconds: 3, drain: {quiet_seconds: 1}, warm_deadline: 10, silence_limit: 8}
"""
Opsctl = Callable[..., tuple[int, str, str]]


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def opsctl(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Opsctl:
    """Run a command in a project with one environment: exit code, stdout, stderr."""
    folder = tmp_path / "environments"
    folder.mkdir()
    (folder / "test.yaml").write_text(ENVIRONMENT)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(wiring, "release_ports", lambda project, environment, watching: both(world, watching))
    monkeypatch.setattr(wiring, "access_ports", lambda project, environment: world.access())
    monkeypatch.setattr(wiring, "open_cluster", lambda project, environment: world.ports().cluster)
    monkeypatch.setattr(wiring, "open_journal", lambda project, environment: world.ports().journal)
    monkeypatch.setattr(wiring, "open_tapes", lambda project, environment: FakeTapes(world))
    monkeypatch.setattr(wiring, "git_commit", lambda project: "c0ffee")
    monkeypatch.setattr(wiring, "last_apply", lambda project, environment: None)

    def opsctl(*words: str) -> tuple[int, str, str]:
        code = run(app, words)
        out, err = capsys.readouterr()
        return code, out, err

    return opsctl


def both(world: World, watching: Any) -> Any:
    """The simulated cluster's ports, with the real console beside the fake that checks the writes."""
    ports = world.ports()
    fake = world.watching
    check = fake.saw
    fake.saw = lambda *words: (check(*words), watching.saw(*words))  # type: ignore[assignment,method-assign,return-value]
    fake.began, fake.ended, fake.waits = watching.began, watching.ended, watching.waits  # type: ignore[method-assign]
    fake.checked = watching.checked  # type: ignore[method-assign]
    return ports
