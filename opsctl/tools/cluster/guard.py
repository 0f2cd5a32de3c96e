"""The guard pod of a rollout: a Job, so that a pod that is lost comes back, made and removed by opsctl itself.

Helm has no part in it: a chart's release would outlive the guard. Its labels are not the application's, so that no
Service, Deployment or look at the colors ever takes it for one of the application's pods.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from opsctl.core.environment import Environment
from opsctl.core.release import Rollout
from opsctl.core.snapshot import MISCONFIGURED, UNPULLABLE, GuardState
from opsctl.tools.cluster.api import Api, Conflict
from opsctl.tools.cluster.guard_manifest import ROLLOUT_LABEL, job, record_role, record_role_binding
from opsctl.tools.cluster.names import Names


class GuardPods:
    def __init__(self, api: Api, names: Names, environment: Environment) -> None:
        self.api, self.names, self.environment = api, names, environment

    def start(self, rollout: Rollout) -> None:
        """Raises ToolFailed where the cluster does not let us."""
        path, number = self.names.batch("jobs"), rollout.id
        try:
            made = self.api.request("POST", path, job(self.names, self.environment, rollout))
        except Conflict:
            made = self.api.get(self.names.batch("jobs", self.names.guard_job(number)))
        with suppress(Conflict):
            self.api.request("POST", self.names.rbac("roles"), record_role(self.names, number, made["metadata"]["uid"]))
        with suppress(Conflict):
            binding = record_role_binding(self.names, number, made["metadata"]["uid"])
            self.api.request("POST", self.names.rbac("rolebindings"), binding)

    def remove(self) -> None:
        """Any guard of this application, its pod and its right to a record."""
        query = {"labelSelector": self.names.guard_selector, "propagationPolicy": "Background"}
        self.api.request("DELETE", self.names.batch("jobs"), query=query)


def guard_state(pods: list[dict[str, Any]]) -> GuardState | None:
    """Of the newest guard among these pods; one that ends is none any more."""
    guards = [pod for pod in pods if ROLLOUT_LABEL in pod["metadata"].get("labels", {})]
    living = [pod for pod in guards if "deletionTimestamp" not in pod["metadata"] and not _over(pod)]
    if not living:
        return None
    newest = max(living, key=_rollout)
    conditions = {c["type"]: c["status"] == "True" for c in newest.get("status", {}).get("conditions", [])}
    return GuardState(_rollout(newest), newest["metadata"]["name"], conditions.get("Ready", False), _trouble(newest))


def _rollout(pod: dict[str, Any]) -> int:
    return int(pod["metadata"]["labels"][ROLLOUT_LABEL])


def _over(pod: dict[str, Any]) -> bool:
    """Its container has ended well a little before the pod's phase says so."""
    status = pod.get("status", {})
    ends = [container.get("state", {}).get("terminated") for container in status.get("containerStatuses", [])]
    done = bool(ends) and all(end and end.get("exitCode") == 0 for end in ends)
    return done or status.get("phase") in ("Succeeded", "Failed")


def _trouble(pod: dict[str, Any]) -> str:
    for container in pod.get("status", {}).get("containerStatuses", []):
        waiting: dict[str, str] = container.get("state", {}).get("waiting", {})
        reason = waiting.get("reason", "")
        if reason in UNPULLABLE:
            return f"its image {container['image']} cannot be pulled ({reason})"
        if reason in MISCONFIGURED:
            return f"its pod cannot start: {waiting.get('message') or reason}"
        if reason == "CrashLoopBackOff":
            ended = container.get("lastState", {}).get("terminated", {})
            words = str(ended.get("message", "")).strip().splitlines()
            return f"its pod crashes: {words[-1] if words else ended.get('reason', reason)}"
    return ""
