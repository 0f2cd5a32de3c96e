"""`opsctl status --watch` beside a real release: on a terminal, and in a log of objects."""

from __future__ import annotations

import json
import signal
from typing import Any

import pytest
from release_world import ENVIRONMENT, OPSCTL, World, await_true
from terminal import ALTERNATE, MAIN, Terminal

pytestmark = pytest.mark.cluster

PASSING = ("gating", "cutover")  # phases that may last shorter than it takes to look again


def objects(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def on_terminal(world: World) -> Terminal:
    own = {"OPSCTL_ENV": ENVIRONMENT, "OPSCTL_PROJECT": str(world.project), "TERM": "xterm-256color"}
    return Terminal([OPSCTL, "status", "--watch"], {**world.cluster.environment(), **own}, 80, 24)


def test_a_release_is_followed_on_a_terminal_and_in_a_log(world: World) -> None:
    old, new = world.status()["active"], world.idle()
    log, terminal = world.start("status", "--watch", "-o", "json"), on_terminal(world)
    try:
        terminal.wait_for(lambda text: f"▶ {old} · release" in text and "no release under way" in text)
        deploy = world.start_deploy("1.1.0")
        for phase in ("warming", "baking", "draining"):
            seen = terminal.wait_for(lambda text, phase=phase: f"{phase} for 0:" in text, 60)
            assert f"→ {new}" in seen.splitlines()[0]
            assert "deploys ai-agent-sdk:1.1.0" in seen, "who is at it"
        terminal.wait_for(lambda text: f"▶ {new} · release" in text and "no release under way" in text, 60)
        assert deploy.wait().exit_code == 0
        await_true(lambda: f'"active": "{new}", "phase": null' in log.output, "the log to tell of the end")
        terminal.press_ctrl_c()
        assert terminal.wait_for_end() == 0
        assert terminal.said.count(ALTERNATE) == terminal.said.count(MAIN) == 1
    finally:
        terminal.close()
        log.signal(signal.SIGTERM)
        ended = log.wait()
    found = objects(ended.stdout)
    phases = list(dict.fromkeys(each["progress"]["phase"] for each in found if each["progress"]))
    assert [phase for phase in phases if phase not in PASSING] == ["warming", "baking", "draining"]
    assert ended.exit_code == 0, ended
    assert {each["silence"] for each in found} == {None}
    assert [each["at"] for each in found] == sorted(each["at"] for each in found)
