"""The migration of a release: a Job that runs one command in the release's image, once.

Its labels are not the application's, so that no Service or Deployment takes its pod for one of theirs. It is never
deleted by opsctl: what changes a database is not cut short on a guess, and its Job tells what became of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from opsctl.core.release import Rollout
from opsctl.core.snapshot import MISCONFIGURED, UNPULLABLE, MigrationState
from opsctl.core.workloads import asked_for
from opsctl.tools.cluster import restricted
from opsctl.tools.cluster.api import Api, Conflict
from opsctl.tools.cluster.names import Names

MIGRATION_LABEL = "opsctl/migration"
_KEPT_S = 86_400  # a day to read its logs


class MigrationJobs:
    def __init__(self, api: Api, names: Names) -> None:
        self.api, self.names = api, names

    def start(self, rollout: Rollout) -> None:
        """Raises ToolFailed where the cluster does not let us."""
        with suppress(Conflict):
            self.api.request("POST", self.names.batch("jobs"), job(self.names, rollout))


def job(names: Names, rollout: Rollout) -> dict[str, Any]:
    """One pod, never a second: a command that failed half-way is for a person to look at."""
    labels = {
        "app.kubernetes.io/name": names.migration,
        "app.kubernetes.io/managed-by": "opsctl",
        MIGRATION_LABEL: str(rollout.id),
    }
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": names.migration_job(rollout.id), "labels": labels},
        "spec": {
            "backoffLimit": 0,
            "activeDeadlineSeconds": max(1, int(rollout.policy["migration"]["deadline"])),
            "ttlSecondsAfterFinished": _KEPT_S,
            "template": {"metadata": {"labels": labels}, "spec": _pod(rollout, names.front)},
        },
    }


def _pod(rollout: Rollout, workload: str) -> dict[str, Any]:
    """It may take what a pod of that workload may."""
    resources = asked_for(rollout.values, workload)
    contract = {**rollout.values.get("env", {}), "COLOR": rollout.color.value}
    name = rollout.values.get("settings")
    return {
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        "restartPolicy": "Never",
        "containers": [
            {
                "name": "migration",
                "image": rollout.image,
                "imagePullPolicy": "IfNotPresent",
                "command": list(rollout.policy["migration"]["command"]),
                "envFrom": [{"configMapRef": {"name": name}}] if name else [],
                "env": [
                    *({"name": variable, "value": value} for variable, value in contract.items()),
                    *_secrets(rollout.values.get("secrets", {})),
                ],
                "resources": {"requests": resources, "limits": {k: v for k, v in resources.items() if k == "memory"}},
                "terminationMessagePolicy": "FallbackToLogsOnError",
                **restricted.CONTAINER,
            }
        ],
        **restricted.POD,
    }


def _secrets(references: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [{"name": name, "valueFrom": {"secretKeyRef": {**where}}} for name, where in references.items()]


def migration_state(pods: list[dict[str, Any]]) -> MigrationState | None:
    """Of the newest migration among these pods."""
    found = [pod for pod in pods if MIGRATION_LABEL in pod["metadata"].get("labels", {})]
    if not found:
        return None
    newest = max(found, key=_rollout)
    ended, trouble = _end(newest.get("status", {}))
    return MigrationState(_rollout(newest), newest["metadata"]["name"], ended, trouble)


def _rollout(pod: dict[str, Any]) -> int:
    return int(pod["metadata"]["labels"][MIGRATION_LABEL])


def _end(status: dict[str, Any]) -> tuple[bool | None, str]:
    """Whether it succeeded, None while it runs; and the end of what it printed, or why it cannot start.

    The container's end is known before the pod's phase says so.
    """
    state: dict[str, Any] = next((container.get("state", {}) for container in status.get("containerStatuses", [])), {})
    ended, waiting = state.get("terminated"), state.get("waiting", {})
    if ended:
        lines = str(ended.get("message", "")).strip().splitlines()
        words = lines[-1] if lines else f"{ended.get('reason', 'Error')}, exit code {ended.get('exitCode')}"
        return (True, "") if ended.get("exitCode") == 0 else (False, words)
    if status.get("phase") == "Failed":
        return False, str(status.get("message") or status.get("reason", ""))
    stuck = waiting.get("reason") in (*UNPULLABLE, *MISCONFIGURED)
    return None, str(waiting.get("message") or waiting["reason"]) if stuck else ""
