"""Settings and secrets as the pods see them: they come with a release, go back with it, and outlive what was tried."""

from __future__ import annotations

import base64
import json
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from brief_world import BriefWorld
from release_world import Ended, World

pytestmark = pytest.mark.cluster

IMAGE = ("--image", "ai-agent-sdk:1.1.0")
SECRET = """\
extends: brief.yaml
application: {secrets: {DB_URL: {name: agent-db-v7, key: url}}}
"""
VALUE = "postgres://a-value-that-is-nobodys-business"
WANTS = {"envFrom": [{"configMapRef": {"name": "ai-agent-sdk-settings-0000000001"}}]}


@pytest.fixture(scope="module")
def world(cluster: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Releases that take seconds, as settings are read at the start of a pod or not at all."""
    with BriefWorld(cluster, f"settings-{uuid.uuid4().hex[:8]}", tmp_path_factory.mktemp("brief")) as made:
        yield made


def deploy(world: World, level: str, *words: str, **variables: str) -> Ended:
    return world.json("deploy", *IMAGE, "--set", f"LEVEL={level}", *words, **variables)


def told(world: World, variable: str, color: str = "") -> set[str]:
    """What the pods of a color, the active one if none is named, have in their environment."""
    code = f"import os; print(os.environ.get('{variable}', ''))"
    pods = [pod["metadata"]["name"] for pod in world.pods(color or world.status()["active"])]
    assert pods
    words = ("exec", "-n", world.namespace)
    return {world.cluster.kubectl(*words, pod, "--", "python3", "-c", code).strip() for pod in pods}


def stored(world: World) -> dict[str, Any]:
    return {item["metadata"]["name"]: item for item in world._list("configmaps", "opsctl/record=settings")}


def apply(world: World, *objects: dict[str, Any]) -> None:
    listed = {"apiVersion": "v1", "kind": "List", "items": list(objects)}
    world.cluster.kubectl("apply", "-n", world.namespace, "-f", "-", stdin=json.dumps(listed))


def old_settings(number: int) -> dict[str, Any]:
    """As a release that nobody remembers left them."""
    labels = {"app.kubernetes.io/name": "ai-agent-sdk", "opsctl/record": "settings"}
    name = f"ai-agent-sdk-settings-{number:010d}"
    metadata = {"name": name, "labels": labels}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "immutable": True, "data": {"A": "1"}}


def waiting_pod(**container: Any) -> dict[str, Any]:
    """One that no node takes: it uses what it names all the same."""
    confined = {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "somebodys"},
        "spec": {
            "nodeSelector": {"no": "such-node"},
            "securityContext": {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}},
            "containers": [{"name": "a", "image": "a:1", "securityContext": confined, **container}],
        },
    }


def test_a_rollback_brings_the_old_settings_back(world: World) -> None:
    assert deploy(world, "info").exit_code == 0
    first = world.status()["colors"][world.status()["active"]]["settings"]
    assert told(world, "LEVEL") == {"info"}
    assert deploy(world, "debug").exit_code == 0
    assert told(world, "LEVEL") == {"debug"}
    assert told(world, "API_PORT") == {"8000"}
    back = world.json("rollback")
    assert (back.exit_code, back.data["settings"]) == (0, first), back
    assert told(world, "LEVEL") == {"info"}
    assert f"ai-agent-sdk-settings-{first}" in stored(world)


def test_a_recorded_release_comes_back_with_its_own_though_somebody_deleted_them(world: World) -> None:
    earlier = deploy(world, "error").data
    name = f"ai-agent-sdk-settings-{earlier['settings']}"
    assert stored(world)[name]["immutable"] is True
    assert world.json("rollback").exit_code == 0
    world.cluster.kubectl("delete", "configmap", name, "-n", world.namespace)
    back = world.json("rollback", "--to", str(earlier["release"]))
    assert (back.exit_code, back.data["outcome"]) == (0, "succeeded"), back
    assert told(world, "LEVEL") == {"error"}
    assert name in stored(world)


def test_killed_between_the_settings_and_helm_it_is_gone_on_with(world: World) -> None:
    killed = deploy(world, "killed", OPSCTL_STOP_AT="kill:warming: after settings")
    assert killed.exit_code == -9, killed
    assert "killed" in {each["data"].get("LEVEL") for each in stored(world).values()}
    resumed = world.json("resume", home="elsewhere")
    assert (resumed.exit_code, resumed.data["outcome"]) == (0, "succeeded"), resumed
    assert told(world, "LEVEL") == {"killed"}


def test_what_somebody_else_put_under_their_name_is_refused_by_name(world: World) -> None:
    digest = deploy(world, "taken", "--dry-run").data["settings"]
    name = f"ai-agent-sdk-settings-{digest}"
    apply(world, {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": {"LEVEL": "other"}})
    active = world.status()["active"]
    refused = deploy(world, "taken")
    assert (refused.exit_code, refused.data["outcome"], refused.data["active"]) == (6, "abandoned", active), refused
    assert name in refused.data["reason"], refused


def test_what_is_rendered_is_what_a_release_refers_to(world: World) -> None:
    """For whoever installs the charts by hand: `kubectl apply`, then Helm."""
    world.add_environment("byhand", "extends: brief.yaml\napplication: {environment: {BY: hand}}\n")
    assert world.opsctl("render", OPSCTL_ENV="byhand").exit_code == 0
    file = world.project / ".opsctl" / "byhand" / "settings.yaml"
    made = world.cluster.kubectl("apply", "-f", str(file), "-o", "name").strip()
    planned = world.json("deploy", *IMAGE, "--dry-run", OPSCTL_ENV="byhand").data["settings"]
    assert made == f"configmap/ai-agent-sdk-settings-{planned}"
    found = json.loads(world.cluster.kubectl("get", made, "-n", world.namespace, "-o", "json"))
    assert (found["data"]["BY"], found["immutable"]) == ("hand", True)


def test_old_ones_go_and_those_in_use_never(world: World) -> None:
    apply(world, old_settings(1), old_settings(2), waiting_pod(**WANTS))
    assert deploy(world, "collects").exit_code == 0
    left = stored(world).keys()
    assert "ai-agent-sdk-settings-0000000001" in left, "a pod uses it"
    assert "ai-agent-sdk-settings-0000000002" not in left
    served = [row for row in world.json("history").data if row["outcome"] == "succeeded"]
    assert {f"ai-agent-sdk-settings-{row['settings']}" for row in served} <= left


def test_who_may_edit_the_namespace_may_do_all_that(world: World) -> None:
    who = f"system:serviceaccount:{world.namespace}:deployer"
    own = ("-n", world.namespace)
    world.cluster.kubectl(
        "create", "rolebinding", "deployer", "--clusterrole=edit", f"--serviceaccount={world.namespace}:deployer", *own
    )
    wanted = {"configmaps": "create get list patch delete", "secrets": "get", "pods": "list", "deployments": "list"}
    asked = [(verb, resource) for resource, verbs in wanted.items() for verb in verbs.split()]
    found = [world.cluster.kubectl("auth", "can-i", *each, f"--as={who}", *own).strip() for each in asked]
    assert found == ["yes"] * len(asked)


def test_a_missing_secret_is_told_before_anything_is_written(world: World) -> None:
    world.add_environment("secretive", SECRET)
    before, records = stored(world).keys(), len(world.json("history").data)
    refused = deploy(world, "secretive", OPSCTL_ENV="secretive")
    assert refused.exit_code == 8, refused
    assert "Secret agent-db-v7 does not exist" in refused.data["error"]["message"]
    assert deploy(world, "secretive", "--dry-run", OPSCTL_ENV="secretive").exit_code == 8
    assert (stored(world).keys(), len(world.json("history").data)) == (before, records)
    assert world.status()["lock"] is None


def test_a_secret_reaches_the_pods_and_nothing_else(world: World) -> None:
    world.add_environment("secretive", SECRET)
    metadata = {"name": "agent-db-v7"}
    apply(
        world,
        {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "immutable": True, "stringData": {"url": VALUE}},
    )
    released = deploy(world, "secretive", OPSCTL_ENV="secretive")
    assert released.exit_code == 0, released
    assert told(world, "DB_URL") == {VALUE}
    kept = json.dumps([*stored(world).values(), *world._list("configmaps", "opsctl/record=rollout")])
    assert "agent-db-v7" in kept
    for secret in (VALUE, base64.b64encode(VALUE.encode()).decode()):
        assert secret not in kept + released.stdout + released.stderr


def test_a_release_whose_secret_is_gone_is_refused_by_name(world: World) -> None:
    world.add_environment("secretive", SECRET)
    number = world.json("history").data[-1]["release"]
    assert told(world, "DB_URL") == {VALUE}
    assert deploy(world, "without").exit_code == 0
    world.cluster.kubectl("delete", "secret", "agent-db-v7", "-n", world.namespace)
    records = len(world.json("history").data)
    refused = world.json("rollback", "--to", str(number))
    assert refused.exit_code == 8, refused
    assert "Secret agent-db-v7 does not exist" in refused.data["error"]["message"]
    assert len(world.json("history").data) == records
    assert world.json("rollback").exit_code == 0, "its pods run: nothing has to be read"
