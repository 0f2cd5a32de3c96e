"""Worlds to release in. One serves a whole file: a first release costs ten seconds, and a namespace some more.

All files are in one group of pytest-xdist: two meters at once would mostly measure each other.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from release_world import Ended, World, await_true


@pytest.fixture(scope="module")
def new_world(cluster: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A project and a namespace where nothing was released yet; the namespace is deleted at the end."""
    world = World(cluster, f"release-{uuid.uuid4().hex[:8]}", tmp_path_factory.mktemp("world"))
    world.create()
    yield world
    cluster.kubectl("delete", "namespace", world.namespace, "--ignore-not-found", "--wait=false")


@pytest.fixture(scope="module")
def first_release(new_world: World) -> Ended:
    """How the very first deploy ended, that of version 1.0.0 without naming a color."""
    return new_world.deploy("1.0.0")


@pytest.fixture
def world(new_world: World, first_release: Ended) -> World:
    """A world where a release serves and none is unfinished, whatever the test before left behind."""
    assert first_release.exit_code == 0, first_release
    if new_world.status()["lock"]:
        await_true(lambda: time.time() > new_world.status()["lock"]["expires"], "the lock to run out")
    if new_world.status()["phase"]:
        assert new_world.json("abort").exit_code == 0
    return new_world
