"""The Job of a migration, and what a look at its pod tells."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

import pytest
from kube_store import KubeStore

from opsctl.core.color import Color
from opsctl.core.environment import Migration, Release
from opsctl.core.release import Kind, Phase, Rollout
from opsctl.core.sizes import AGENT
from opsctl.core.snapshot import MigrationState
from opsctl.tools.cluster.migration import MigrationJobs, migration_state
from opsctl.tools.cluster.names import Names

NAMES = Names("apps", "agent")
POLICY = Release(migration=Migration("expand", ["python", "-m", "migrate"], 90.0))
RESOURCES = {"cpu": "100m", "memory": "64Mi"}
ROLLOUT = Rollout(
    id=14, kind=Kind.DEPLOY, release=14, color=Color.GREEN, origin=Color.BLUE, image="a:2", settings={},
    sizes={AGENT: 2}, started_at=0.0, started_by="ana", phase=Phase.MIGRATING,
    phase_since=0.0, migration="expand", policy=asdict(POLICY),
    values={"env": {"LOG_LEVEL": "info"}, "workloads": [{"name": "agent", "resources": RESOURCES}]},
)  # fmt: skip
JOB = NAMES.batch("jobs", "agent-migration-14")


@pytest.fixture
def store() -> KubeStore:
    store = KubeStore("apps")
    store.objects["/apis/batch/v1/namespaces/apps"] = {}
    MigrationJobs(store, NAMES).start(ROLLOUT)  # type: ignore[arg-type]
    return store


def pod(phase: str, number: int = 14, **container: Any) -> dict[str, Any]:
    status = {"phase": phase, **({"containerStatuses": [{"state": container}]} if container else {})}
    return {"metadata": {"name": f"job-{number}", "labels": {"opsctl/migration": str(number)}}, "status": status}


def test_it_runs_the_command_once_in_the_new_image_with_the_releases_settings(store: KubeStore) -> None:
    spec = store.objects[JOB]["spec"]
    container = spec["template"]["spec"]["containers"][0]
    assert (spec["backoffLimit"], spec["activeDeadlineSeconds"]) == (0, 90)
    assert spec["template"]["spec"]["restartPolicy"] == "Never"
    assert (container["image"], container["command"]) == ("a:2", ["python", "-m", "migrate"])
    assert {entry["name"]: entry["value"] for entry in container["env"]} == {"LOG_LEVEL": "info", "COLOR": "green"}


def test_it_is_told_what_the_releases_pods_are_told(store: KubeStore) -> None:
    secret = {"name": "db-v7", "key": "url"}
    told = {**ROLLOUT.values, "settings": "agent-settings-0123456789", "secrets": {"DB_URL": secret}}
    MigrationJobs(store, NAMES).start(replace(ROLLOUT, id=15, values=told))  # type: ignore[arg-type]
    container = store.objects[NAMES.batch("jobs", "agent-migration-15")]["spec"]["template"]["spec"]["containers"][0]
    assert container["envFrom"] == [{"configMapRef": {"name": "agent-settings-0123456789"}}]
    assert {"name": "DB_URL", "valueFrom": {"secretKeyRef": secret}} in container["env"]


def test_its_pod_is_no_pod_of_the_application(store: KubeStore) -> None:
    labels = store.objects[JOB]["spec"]["template"]["metadata"]["labels"]
    assert labels["app.kubernetes.io/name"] == "agent-migration"
    assert "opsctl/color" not in labels


def test_started_again_it_is_left_alone(store: KubeStore) -> None:
    before = store.objects[JOB]["metadata"]["resourceVersion"]
    MigrationJobs(store, NAMES).start(ROLLOUT)  # type: ignore[arg-type]
    assert store.objects[JOB]["metadata"]["resourceVersion"] == before


@pytest.mark.parametrize(
    ("seen", "ended", "trouble"),
    [
        (pod("Pending"), None, ""),
        (pod("Running", running={}), None, ""),
        (pod("Running", terminated={"exitCode": 0}), True, ""),
        (pod("Succeeded", terminated={"exitCode": 0, "message": "done"}), True, ""),
        (pod("Failed", terminated={"exitCode": 1, "message": "one\nno such table\n"}), False, "no such table"),
        (pod("Failed", terminated={"exitCode": 3, "reason": "Error"}), False, "Error, exit code 3"),
        (pod("Failed"), False, ""),
        (pod("Pending", waiting={"reason": "ErrImagePull", "message": "not found"}), None, "not found"),
        (pod("Pending", waiting={"reason": "ContainerCreating"}), None, ""),
    ],
)
def test_what_its_pod_tells(seen: dict[str, Any], ended: bool | None, trouble: str) -> None:
    assert migration_state([seen]) == MigrationState(14, "job-14", ended, trouble)


def test_the_newest_counts() -> None:
    found = migration_state([pod("Succeeded", 14), pod("Pending", 15), pod("Failed", 9)])
    assert found == MigrationState(15, "job-15")
    assert migration_state([]) is None
