"""Releases cut short where it hurts, users present: somebody elsewhere goes on, and nobody noticed anything.

Some cases of the matrix that `make prove` runs whole; `tests/prove/matrix.py` has all of them.
"""

from __future__ import annotations

import json
import signal
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from brief_world import BriefWorld
from matrix import Case, cases
from release_world import await_true
from stopping import run

pytestmark = pytest.mark.cluster

AWAY_S = 7.0  # longer than a lease lasts
CASES = [
    Case("deploy", "warming: after intent install", "kill", "resume"),
    Case("deploy", "cutover: after intent switch", "kill", "abort"),
    Case("deploy", "cutover: after switch", "kill", "resume"),
    Case("deploy", "after phase baking", "term", "abort"),
    Case("deploy", "cutover: after switch", "away", "resume"),
    Case("rollback", "cutover: after switch", "kill", "resume"),
    Case("rollback", "draining: after intent stop", "away", "abort"),
    Case("failing deploy", "rolling_back: after intent switch", "kill", "resume"),
]


@pytest.fixture(scope="module")
def brief(cluster: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[BriefWorld]:
    """One for all: each case begins with what the one before it left, as the next release does in life."""
    with BriefWorld(cluster, f"crash-{uuid.uuid4().hex[:8]}", tmp_path_factory.mktemp("brief")) as world:
        yield world


@pytest.mark.parametrize("case", CASES, ids=str)
def test_cut_short(case: Case, brief: BriefWorld) -> None:
    known = {(found.release, found.boundary, found.fault) for found in cases()}
    assert (case.release, case.boundary, case.fault) in known, "no release passes that"
    found = run(case, brief, AWAY_S)
    print(f"{case}: {found}")


def test_killed_while_helm_is_between_two_objects(brief: BriefWorld) -> None:
    """Helm dies with its opsctl; the record that it leaves is cleared once no Helm can be at work on it any more."""
    new = brief.idle()
    held = brief.proxy.add("hold", f"PATCH .*/deployments/ai-agent-sdk-{new}.*fieldManager=helm", times=1000)
    with brief.load() as load:
        words = ("deploy", "--image", "ai-agent-sdk:1.2.0", "--set", f"RUN={time.time()}")
        running = brief.start(*words, OPSCTL_ENV="proxied")
        await_true(lambda: bool(held.struck), "Helm to be at its second object")
        running.signal(signal.SIGKILL)
        running.wait(5)
        await_true(lambda: not _helms(brief.namespace), "Helm to die with its opsctl", 3)
        brief.proxy.faults.clear()
        assert _newest_status(brief, new) == "pending-upgrade"
        resumed = brief.elsewhere("resume")
    load.assert_nobody_noticed()
    assert (resumed.exit_code, resumed.data["outcome"], resumed.data["active"]) == (0, "succeeded", new), resumed
    assert "s: Helm may be at work on ai-agent-sdk" in resumed.stderr, resumed
    assert _newest_status(brief, new) == "deployed"
    assert brief.selected() == new


def _helms(namespace: str) -> list[str]:
    """Command lines of Helms that run on a namespace."""
    found = []
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = file.read_bytes().decode(errors="replace").split("\0")
        except OSError:
            continue
        if Path(words[0]).name == "helm" and namespace in words:
            found.append(" ".join(words))
    return found


def _newest_status(world: BriefWorld, color: str) -> str:
    selector = f"owner=helm,name=ai-agent-sdk-{color}"
    listed = world.cluster.kubectl("get", "secrets", "-n", world.namespace, "--selector", selector, "-o", "json")
    labels = [item["metadata"]["labels"] for item in json.loads(listed)["items"]]
    return str(max(labels, key=lambda found: int(found["version"]))["status"])
