"""Hooks around real releases with users: what a failing one means for them, and the facts that each is told."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from release_world import Ended, World

pytestmark = pytest.mark.cluster

_HOOKED = """\
extends: rehearsal.yaml
release: {{hooks: {{{hooks}}}, notify: {notify}}}
"""
_RECORDS = """{{command: [sh, -c, "env | grep ^OPSCTL_ | sort > $OPSCTL_HOOK.facts; {then}"]}}"""


def deploy(world: World, chat: str = "", **hooks: str) -> Ended:
    """Each hook by what it does when it has written down its facts."""
    told = ", ".join(f"{name}: {_RECORDS.format(then=then)}" for name, then in hooks.items())
    world.add_environment("hooked", _HOOKED.format(hooks=told, notify="{webhook_env: [CHAT]}" if chat else "{}"))
    words = ("--image", "ai-agent-sdk:1.1.0", "--set", f"RUN={world._runs}")
    return world.json("deploy", *words, OPSCTL_ENV="hooked", CHAT=chat)


def facts(world: World, hook: str) -> dict[str, str]:
    lines = (world.project / f"{hook}.facts").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines)


@pytest.fixture
def chat() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """A server's address, and what it was told."""
    bodies: list[dict[str, Any]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            bodies.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}/s3cret", bodies
    server.shutdown()
    server.server_close()


def test_a_failing_pre_cutover_leaves_users_where_they_are(world: World) -> None:
    old, new = world.status()["active"], world.idle()
    with world.load() as load:
        ended = deploy(world, pre_cutover="echo column is missing; exit 3")
    load.assert_nobody_noticed()
    assert (ended.exit_code, ended.data["outcome"], ended.data["active"]) == (6, "abandoned", old), ended
    assert ended.data["reason"] == "hook pre_cutover failed: exit code 3: column is missing"
    assert "hook pre_cutover column is missing" in ended.stderr
    told = facts(world, "pre_cutover")
    assert (told["OPSCTL_ACTIVE"], told["OPSCTL_COLOR"], told["OPSCTL_ENVIRONMENT"]) == (old, new, "hooked")


def test_a_failing_post_cutover_brings_users_back_and_others_hear_of_it(
    world: World, chat: tuple[str, list[dict[str, Any]]]
) -> None:
    old, new = world.status()["active"], world.idle()
    url, bodies = chat
    with world.load() as load:
        ended = deploy(world, url, post_cutover="sleep 2; exit 1", pre_rollback="sleep 5", post_rollback="true")
    load.assert_nobody_noticed()
    assert (ended.exit_code, ended.data["outcome"], ended.data["active"]) == (6, "rolled_back", old), ended
    assert ended.data["timings"]["rollback_s"] < 2
    assert facts(world, "post_cutover")["OPSCTL_ACTIVE"] == new
    assert (facts(world, "post_rollback")["OPSCTL_ACTIVE"], facts(world, "post_rollback")["OPSCTL_OUTCOME"]) == (
        old, "rolled_back",
    )  # fmt: skip
    assert [body["event"] for body in bodies] == ["began", "moved", "rolled_back"]
    assert "s3cret" not in f"{ended.stdout}{ended.stderr}"


def test_a_failing_pre_deploy_releases_nothing(world: World) -> None:
    before = world.json("history").data
    ended = deploy(world, pre_deploy="exit 9")
    assert (ended.exit_code, world.json("history").data) == (8, before), ended
    assert ended.data["error"]["message"] == "hook pre_deploy failed: exit code 9"
