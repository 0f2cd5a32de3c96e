"""`opsctl status --watch` as a person has it: in a terminal, against an API server that is slow, silent or busy."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from api_server import ApiServer
from release_commands import ENVIRONMENT
from terminal import ALTERNATE, CURSOR, MAIN, NO_CURSOR, Terminal

from opsctl.core.color import Color
from opsctl.core.release import Kind, Phase, Rollout
from opsctl.core.sizes import AGENT

pytestmark = pytest.mark.process

OPSCTL = str(Path(sys.executable).with_name("opsctl"))


@pytest.fixture
def server() -> Iterator[ApiServer]:
    server = ApiServer()
    put_record(server, rollout(Phase.WARMING))
    yield server
    server.close()


@pytest.fixture
def project(server: ApiServer, tmp_path: Path) -> Path:
    (tmp_path / "environments").mkdir()
    application = ENVIRONMENT.replace("name: agent", "name: ai-agent-sdk")
    (tmp_path / "environments" / "test.yaml").write_text(application + "kubernetes: {kubeconfig: kubeconfig}\n")
    (tmp_path / "kubeconfig").write_text(server.kubeconfig())
    return tmp_path


@pytest.fixture
def on_terminal(project: Path) -> Iterator[Callable[..., Terminal]]:
    """opsctl's words in a terminal of 80 × 24."""
    opened: list[Terminal] = []

    def start(*words: str, columns: int = 80, lines: int = 24) -> Terminal:
        opened.append(Terminal([OPSCTL, *words, "-C", str(project)], environment(), columns, lines))
        return opened[-1]

    yield start
    for terminal in opened:
        terminal.close()


def environment(**more: str) -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/"), "TERM": "xterm-256color", **more}


def rollout(phase: Phase) -> Rollout:
    now = time.time()
    made = Rollout(
        id=2, kind=Kind.DEPLOY, release=2, color=Color.GREEN, origin=Color.BLUE, image="ai-agent-sdk:1.1.0",
        settings={}, sizes={AGENT: 3}, started_at=now - 20, started_by="ana@build-7", phase=phase, phase_since=now - 12,
    )  # fmt: skip
    return made.noted(now - 20, f"phase {phase.value}")


def put_record(server: ApiServer, made: Rollout) -> None:
    metadata = {"name": f"opsctl-ai-agent-sdk-rollout-{made.id}", "resourceVersion": str(time.time())}
    server.objects["configmaps"] = [{"metadata": metadata, "data": {"rollout.json": json.dumps(made.to_record())}}]


def left_clean(terminal: Terminal) -> bool:
    """The alternate screen was left after it was entered, and the cursor is back."""
    said = terminal.said
    once = said.count(ALTERNATE) == said.count(MAIN) == 1
    return once and said.index(ALTERNATE) < said.index(MAIN) and said.rindex(CURSOR) > said.rindex(NO_CURSOR)


def test_a_picture_that_follows_what_happens(on_terminal: Callable[..., Terminal], server: ApiServer) -> None:
    terminal = on_terminal("status", "--watch")
    seen = terminal.wait_for(lambda text: "warming for 0:1" in text)
    assert "blue · release" in seen
    assert "green · release" in seen
    put_record(server, rollout(Phase.GATING))
    terminal.wait_for(lambda text: "gating for 0:1" in text)
    terminal.press_ctrl_c()
    assert terminal.wait_for_end() == 0
    assert left_clean(terminal)


@pytest.mark.parametrize("size", [(60, 15), (200, 50), (30, 6)])
def test_it_fits_after_the_terminal_got_another_size(
    on_terminal: Callable[..., Terminal], size: tuple[int, int]
) -> None:
    terminal = on_terminal("status", "--watch")
    terminal.wait_for(lambda text: "Ctrl-C leaves" in text)
    terminal.resize(*size)
    seen = terminal.wait_for(lambda text: "warming for" in text, 3)
    lines = seen.splitlines()
    assert lines[0].startswith("test · deploy of release 2")
    assert sum("warming for" in line for line in lines) == 1, "nothing is left of the picture before"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_leaves_a_clean_screen(on_terminal: Callable[..., Terminal], number: signal.Signals) -> None:
    terminal = on_terminal("status", "--watch")
    terminal.wait_for(lambda text: "Ctrl-C leaves" in text)
    terminal.send(number)
    assert terminal.wait_for_end() == 0
    assert left_clean(terminal)


def test_while_the_cluster_is_silent_the_last_picture_stays_and_says_how_old(
    on_terminal: Callable[..., Terminal], server: ApiServer
) -> None:
    terminal = on_terminal("status", "--watch")
    terminal.wait_for(lambda text: "warming for" in text)
    server.fall_silent()
    seen = terminal.wait_for(lambda text: ": the cluster is slow" in text)
    assert "green · release" in seen
    terminal.wait_for(lambda text: "no answer from the" in text)
    server.speak()
    terminal.wait_for(lambda text: "OLD" not in text)


def test_ctrl_c_is_heard_while_the_cluster_hangs(on_terminal: Callable[..., Terminal], server: ApiServer) -> None:
    terminal = on_terminal("status", "--watch")
    terminal.wait_for(lambda text: "warming for" in text)
    server.fall_silent()
    terminal.wait_for(lambda text: ": the cluster is slow" in text)
    terminal.press_ctrl_c()
    began = time.monotonic()
    assert terminal.wait_for_end() == 0
    assert time.monotonic() - began < 3
    assert left_clean(terminal)


def test_without_a_cluster_no_picture_but_a_sentence(on_terminal: Callable[..., Terminal], server: ApiServer) -> None:
    server.close()
    terminal = on_terminal("status", "--watch")
    assert terminal.wait_for_end() == 1
    assert ALTERNATE not in terminal.said
    assert "no answer from the cluster" in terminal.text


def test_what_goes_wrong_while_drawing_is_said_on_a_clean_screen(
    on_terminal: Callable[..., Terminal], server: ApiServer
) -> None:
    terminal = on_terminal("status", "--watch")
    terminal.wait_for(lambda text: "warming for" in text)
    server.objects["deployments"] = [{"metadata": {}}]  # no Kubernetes answers so
    assert terminal.wait_for_end() == 1
    assert left_clean(terminal)
    assert b"did not expect" in terminal.said[terminal.said.rindex(MAIN) :]


def test_it_only_reads_and_not_much(on_terminal: Callable[..., Terminal], server: ApiServer) -> None:
    terminal = on_terminal("status", "--watch")
    terminal.wait_for(lambda text: "warming for" in text)
    began = time.monotonic()
    terminal.wait_for(lambda text: time.monotonic() - began > 9.5)
    asked = [path for at, _, path in server.asked if began <= at < began + 9]
    pods = len(server.objects["pods"])
    assert {method for _, method, _ in server.asked} == {"GET"}
    assert len(asked) / 9 <= 3 * pods
    probed = [path for path in asked if "/pods/" in path]
    assert pods <= len(probed), "it goes on probing"


def piped(project: Path, *words: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [OPSCTL, "status", "--watch", "-C", str(project), *words], env=environment(), text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def lines_of(process: subprocess.Popen[str], many: int) -> list[str]:
    assert process.stdout
    return [process.stdout.readline() for _ in range(many)]


def test_without_a_terminal_a_plain_line_whenever_something_changes(project: Path, server: ApiServer) -> None:
    with piped(project) as process:
        first = lines_of(process, 1)[0]
        assert "warming release 2" in first
        put_record(server, rollout(Phase.GATING))
        assert "gating release 2" in lines_of(process, 1)[0]
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=20)
    assert (process.returncode, out, "\x1b" in first) == (0, "", False), err


def test_json_is_an_object_a_line_whenever_something_changes(project: Path, server: ApiServer) -> None:
    with piped(project, "-o", "json") as process:
        first: dict[str, Any] = json.loads(lines_of(process, 1)[0])
        put_record(server, rollout(Phase.GATING))
        second = json.loads(lines_of(process, 1)[0])
        process.terminate()
        process.communicate(timeout=20)
    assert (first["progress"]["phase"], first["silence"], process.returncode) == ("warming", None, 0)
    assert first.keys() >= {"environment", "active", "colors", "traffic", "rollback", "lock", "at", "journal"}
    while second["progress"]["phase"] == "warming":  # pods were proved in between
        second = json.loads(lines_of(process, 1)[0])
    assert second["progress"]["phase"] == "gating"


def test_it_ends_when_nobody_reads_any_more(project: Path, server: ApiServer) -> None:
    with piped(project) as process:
        lines_of(process, 1)
        assert process.stdout
        process.stdout.close()
        put_record(server, rollout(Phase.GATING))
        assert process.wait(timeout=20) == 0
        assert process.stderr
        assert process.stderr.read() == ""
