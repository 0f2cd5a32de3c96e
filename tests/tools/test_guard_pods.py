"""The guard's Job and its right to one record, and what a look at its pods tells."""

from __future__ import annotations

import json
from typing import Any

import pytest
from kube_store import KubeStore

from opsctl import __version__
from opsctl.core.color import Color
from opsctl.core.environment import Environment, FrontDoor, Release, Services, Websocket
from opsctl.core.release import Kind, Phase, Rollout
from opsctl.core.sizes import AGENT
from opsctl.core.snapshot import GuardState
from opsctl.errors import UsageError
from opsctl.guard.settings import read_settings
from opsctl.tools.cluster.guard import GuardPods, guard_state
from opsctl.tools.cluster.guard_manifest import SETTINGS
from opsctl.tools.cluster.names import Names

NAMES = Names("apps", "agent")
ENVIRONMENT = Environment(
    name="live",
    services=Services(websocket=Websocket(port=9090)),
    front_door=FrontDoor(kind="url", api_url="https://api.example.com"),
    release=Release(guard_image="registry/opsctl:1"),
)
ROLLOUT = Rollout(
    id=14, kind=Kind.DEPLOY, release=14, color=Color.GREEN, origin=Color.BLUE, image="a:1", settings={},
    sizes={AGENT: 2}, started_at=0.0, started_by="ana", phase=Phase.WARMING, phase_since=0.0,
)  # fmt: skip
JOB = NAMES.batch("jobs", "agent-guard-14")


@pytest.fixture
def store() -> KubeStore:
    store = KubeStore("apps")
    store.objects |= {f"/apis/{group}/namespaces/apps": {} for group in ("batch/v1", "rbac.authorization.k8s.io/v1")}
    GuardPods(store, NAMES, ENVIRONMENT).start(ROLLOUT)  # type: ignore[arg-type]
    return store


def container(store: KubeStore) -> dict[str, Any]:
    found: dict[str, Any] = store.objects[JOB]["spec"]["template"]["spec"]["containers"][0]
    return found


def told(store: KubeStore) -> dict[str, str]:
    """The variables of the pod, with what Kubernetes fills in."""
    values = {entry["name"]: entry.get("value", "from the pod") for entry in container(store)["env"]}
    return {**values, "POD_NAME": "agent-guard-14-x", "HOST_IP": "10.0.0.7"}


def test_it_may_write_its_own_record_and_no_other(store: KubeStore) -> None:
    role = store.objects[NAMES.rbac("roles") + "/agent-guard-14"]
    (rule,) = role["rules"]
    assert rule["resourceNames"] == [NAMES.record(14), NAMES.tape(14)]
    assert rule["verbs"] == ["get", "update"]
    binding = store.objects[NAMES.rbac("rolebindings") + "/agent-guard-14"]
    assert [subject["name"] for subject in binding["subjects"]] == ["agent-guard"]
    for made in (role, binding):
        assert [owner["kind"] for owner in made["metadata"]["ownerReferences"]] == ["Job"]


def test_it_is_never_taken_for_a_pod_of_the_application(store: KubeStore) -> None:
    labels = store.objects[JOB]["spec"]["template"]["metadata"]["labels"]
    assert labels["app.kubernetes.io/name"] != NAMES.app
    assert "opsctl/color" not in labels


def test_it_is_as_restricted_as_the_namespace_asks(store: KubeStore) -> None:
    pod, inside = store.objects[JOB]["spec"]["template"]["spec"], container(store)["securityContext"]
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert inside == {
        "allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]},
    }  # fmt: skip
    assert container(store)["resources"]["limits"].keys() == {"memory"}


def test_it_ends_some_day_whatever_happens(store: KubeStore) -> None:
    policy, limit = ENVIRONMENT.release, store.objects[JOB]["spec"]["activeDeadlineSeconds"]
    assert limit > policy.warm_deadline + policy.gate_deadline + policy.bake_seconds + policy.drain.deadline
    assert store.objects[JOB]["spec"]["ttlSecondsAfterFinished"] <= 60


def test_started_twice_is_started_once(store: KubeStore) -> None:
    before = dict(store.objects)
    GuardPods(store, NAMES, ENVIRONMENT).start(ROLLOUT)  # type: ignore[arg-type]
    assert store.objects == before


def test_the_guard_reads_what_it_is_told(store: KubeStore) -> None:
    found = read_settings(told(store))
    assert (found.names, found.rollout, found.pod, found.node_address) == (NAMES, 14, "agent-guard-14-x", "10.0.0.7")
    assert (found.environment.services, found.environment.front_door) == (ENVIRONMENT.services, ENVIRONMENT.front_door)


def test_a_guard_of_another_opsctl_does_nothing(store: KubeStore) -> None:
    variables = told(store)
    other = {**json.loads(variables[SETTINGS]), "version": "0.0.1"}
    with pytest.raises(UsageError, match=f"opsctl 0.0.1 released, but .* is opsctl {__version__}"):
        read_settings({**variables, SETTINGS: json.dumps(other)})


@pytest.mark.parametrize("broken", [{}, {SETTINGS: "{}"}, {SETTINGS: "no"}, {SETTINGS: '{"version": 1}'}])
def test_settings_that_are_none(broken: dict[str, str]) -> None:
    with pytest.raises(UsageError):
        read_settings(broken)


# --- looking at its pods --------------------------------------------------------------------------------------


def pod(rollout: int = 14, *, ready: bool = True, phase: str = "Running", **container: Any) -> dict[str, Any]:
    conditions = [{"type": "Ready", "status": str(ready)}]
    state = {"image": "opsctl:1", **container}
    status = {"phase": phase, "conditions": conditions, "containerStatuses": [state]}
    return {"metadata": {"name": f"guard-{rollout}", "labels": {"opsctl/rollout": str(rollout)}}, "status": status}


def waiting(reason: str, message: str = "") -> dict[str, Any]:
    return {"state": {"waiting": {"reason": reason, "message": message}}}


def test_who_stands_by() -> None:
    assert guard_state([pod()]) == GuardState(14, "guard-14", True)
    assert guard_state([pod(13), pod(14, ready=False)]) == GuardState(14, "guard-14", False)


def test_nobody_stands_by() -> None:
    going = pod()
    going["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:00Z"
    of_the_application = {"metadata": {"name": "agent-blue-x", "labels": {"opsctl/color": "blue"}}}
    assert guard_state([going, pod(phase="Succeeded"), pod(phase="Failed"), of_the_application]) is None


@pytest.mark.parametrize(("code", "stands"), [(0, False), (1, True)])
def test_one_whose_work_is_done_is_none_before_its_pod_says_so(code: int, stands: bool) -> None:
    """One that crashed is started again."""
    ended = {"state": {"terminated": {"exitCode": code}}}
    assert (guard_state([pod(ready=False, **ended)]) is not None) is stands


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (waiting("ImagePullBackOff"), "its image opsctl:1 cannot be pulled (ImagePullBackOff)"),
        (waiting("CreateContainerError", "no such user"), "its pod cannot start: no such user"),
        ({**waiting("CrashLoopBackOff"), "lastState": {"terminated": {"message": "another opsctl\n"}}},
         "its pod crashes: another opsctl"),
        (waiting("ContainerCreating"), ""),
    ],
)  # fmt: skip
def test_why_it_cannot_run(found: dict[str, Any], words: str) -> None:
    state = guard_state([pod(ready=False, **found)])
    assert state
    assert state.trouble == words
