"""Releases that change a database, by a command in the new image: when it runs, and what its failure means."""

from __future__ import annotations

import time
from typing import Any

import pytest
from release_world import Ended, World

pytestmark = pytest.mark.cluster

_MIGRATION = """\
extends: rehearsal.yaml
release: {{migration: {{kind: {kind}, command: [python3, -c, "{code}"]}}}}
"""


def deploy(world: World, kind: str, code: str, *words: str) -> Ended:
    world.add_environment("migrating", _MIGRATION.format(kind=kind, code=code))
    image = ("--image", "ai-agent-sdk:1.1.0", "--set", f"RUN={time.time()}")
    return world.json("deploy", *image, *words, OPSCTL_ENV="migrating")


def jobs(world: World) -> list[dict[str, Any]]:
    return world._list("jobs", "app.kubernetes.io/name=ai-agent-sdk-migration")


def test_it_runs_before_the_new_pods_start_and_users_notice_nothing(world: World) -> None:
    before = len(jobs(world))
    with world.load() as load:
        ended = deploy(world, "expand", "import os; assert os.environ['RUN']; print('done')")
    load.assert_nobody_noticed()
    assert (ended.exit_code, ended.data["outcome"]) == (0, "succeeded"), ended
    assert ended.data["timings"]["migrate_s"] > 0
    (job,) = jobs(world)[before:] if before else jobs(world)
    assert job["status"]["succeeded"] == 1
    assert "✓ migrate     the database is ready" in ended.stderr, ended


def test_a_failure_leaves_users_alone_and_is_told_in_its_own_words(world: World) -> None:
    old = world.status()["active"]
    with world.load() as load:
        ended = deploy(world, "expand", "raise SystemExit('column agents.name is taken')")
    load.assert_nobody_noticed()
    assert (ended.exit_code, ended.data["outcome"], ended.data["active"]) == (6, "abandoned", old), ended
    assert ended.data["reason"] == "the migration failed: column agents.name is taken"
    status = world.status()
    assert (status["active"], status["phase"], status["lock"]) == (old, None, None)


def test_after_one_that_takes_away_nobody_goes_back(world: World) -> None:
    new = world.idle()
    with world.load() as load:
        ended = deploy(world, "none", "print('gone')", "--migration", "contract")
        refused = world.json("rollback")
    load.assert_nobody_noticed()
    assert (ended.exit_code, ended.data["active"]) == (0, new), ended
    assert refused.exit_code == 8, refused
    assert "changed the database" in refused.data["error"]["message"]
    assert world.status()["rollback"]["why"] == "its migration took away what the release before needs"
