"""What a guard is made of, as Kubernetes reads it: a Job, and the right to write one record. Data only."""

from __future__ import annotations

import json
from typing import Any

from opsctl import __version__
from opsctl.core.contract import record_of
from opsctl.core.environment import Environment
from opsctl.core.environment import Release as Policy
from opsctl.core.release import Rollout
from opsctl.tools.cluster import restricted
from opsctl.tools.cluster.names import Names

ROLLOUT_LABEL = "opsctl/rollout"
SETTINGS = "OPSCTL_GUARD"
STANDING_BY = 8079  # a port that the guard listens at when it could look once
_GONE_AFTER_S = 10  # seconds that a guard that has done its work is still to be seen
_SPARE_S = 3600.0  # beyond the longest time that its release may take; then it ends, whatever is left


def job(names: Names, environment: Environment, rollout: Rollout) -> dict[str, Any]:
    """`backoffLimit` is high, as a guard that is evicted again and again is still wanted; its deadline is the end."""
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": names.guard_job(rollout.id), "labels": _labels(names, rollout.id)},
        "spec": {
            "activeDeadlineSeconds": int(_longest(environment.release)),
            "ttlSecondsAfterFinished": _GONE_AFTER_S,
            "backoffLimit": 100,
            "podReplacementPolicy": "TerminatingOrFailed",
            "template": {
                "metadata": {"labels": _labels(names, rollout.id)},
                "spec": _pod(names, environment, rollout.id),
            },
        },
    }


def record_role(names: Names, number: int, owner: str) -> dict[str, Any]:
    """`owner` is the uid of the Job, with which it goes."""
    rule = {
        "apiGroups": [""],
        "resources": ["configmaps"],
        "resourceNames": [names.record(number), names.tape(number)],
        "verbs": ["get", "update"],
    }
    return {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "Role",
        "metadata": _owned(names, number, owner),
        "rules": [rule],
    }


def record_role_binding(names: Names, number: int, owner: str) -> dict[str, Any]:
    return {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "RoleBinding",
        "metadata": _owned(names, number, owner),
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": names.guard_job(number)},
        "subjects": [{"kind": "ServiceAccount", "name": names.guard, "namespace": names.namespace}],
    }


def settings(names: Names, environment: Environment, number: int) -> dict[str, Any]:
    """What a guard has to know beside the record of its release."""
    door = environment.front_door
    return {
        "version": __version__,
        "environment": environment.name,
        "namespace": names.namespace,
        "app": names.app,
        "workloads": list(names.workloads),
        "front": names.front,
        "rollout": number,
        "services": record_of(environment.services),
        "front_door": {"kind": door.kind, "api_url": door.api_url},
    }


def _pod(names: Names, environment: Environment, number: int) -> dict[str, Any]:
    return {
        "serviceAccountName": names.guard,
        "automountServiceAccountToken": True,
        "enableServiceLinks": False,
        "restartPolicy": "OnFailure",
        "terminationGracePeriodSeconds": 30,
        "containers": [_container(environment, json.dumps(settings(names, environment, number)))],
        **restricted.POD,
    }


def _container(environment: Environment, told: str) -> dict[str, Any]:
    """Started when it stands by: until then it is not ready, and cutover waits for it."""
    return {
        "name": "guard",
        "image": environment.release.guard_image,
        "imagePullPolicy": "IfNotPresent",
        "env": [
            {"name": SETTINGS, "value": told},
            {"name": "POD_NAME", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}},
            {"name": "HOST_IP", "valueFrom": {"fieldRef": {"fieldPath": "status.hostIP"}}},
        ],
        # It hardly does anything until it is needed; then it has to be quick, on however busy a node.
        "resources": {"requests": {"cpu": "100m", "memory": "48Mi"}, "limits": {"memory": "128Mi"}},
        "startupProbe": {"tcpSocket": {"port": STANDING_BY}, "periodSeconds": 1, "failureThreshold": 60},
        "terminationMessagePolicy": "FallbackToLogsOnError",
        **restricted.CONTAINER,
    }


def _longest(policy: Policy) -> float:
    phases = policy.warm_deadline + policy.gate_deadline + policy.bake_seconds
    moving = 2 * policy.drain.deadline  # agents go, and where it fails late they come back
    return phases + moving + policy.silence_limit + _SPARE_S


def _labels(names: Names, number: int) -> dict[str, str]:
    return {
        "app.kubernetes.io/name": names.guard,
        "app.kubernetes.io/component": "guard",
        "app.kubernetes.io/managed-by": "opsctl",
        ROLLOUT_LABEL: str(number),
    }


def _owned(names: Names, number: int, owner: str) -> dict[str, Any]:
    reference = {"apiVersion": "batch/v1", "kind": "Job", "name": names.guard_job(number), "uid": owner}
    return {
        "name": names.guard_job(number), "labels": _labels(names, number), "ownerReferences": [reference],
    }  # fmt: skip
