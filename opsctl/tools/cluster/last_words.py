"""The last words of a color's pods: what their logs and events say about why they fail."""

from __future__ import annotations

from typing import Any

from opsctl.core.color import Color
from opsctl.core.last_words import distinct, of_log
from opsctl.errors import OpsError
from opsctl.tools.cluster.api import Api
from opsctl.tools.cluster.names import Names
from opsctl.tools.cluster.reading import label_of, name_of, restarts_of

_PODS = 3  # whose last words are read
_LINES = 10


class LastWords:
    def __init__(self, api: Api, names: Names) -> None:
        self.api, self.names = api, names

    def of(self, color: Color) -> tuple[str, ...]:
        """Never raises: evidence is welcome, but a rollback does not wait for it."""
        try:
            listed = self.api.get(self.names.core("pods"), labelSelector=self.names.selector)["items"]
            own = [pod for pod in listed if label_of(pod) == color]
            pods = sorted(own, key=restarts_of, reverse=True)[:_PODS]
            logs = [(name_of(pod), of_log(self._log(pod))) for pod in pods]
            return distinct([*logs, *((name_of(pod), self._warning(pod)) for pod in pods)])
        except OpsError as error:
            return (f"no evidence: {error.message}",)

    def _log(self, pod: dict[str, Any]) -> list[str]:
        """Of a container that was started again its former life tells why; of any other the present one."""
        path = self.names.core("pods", name_of(pod)) + f"/log?tailLines={_LINES}"
        for which in ("&previous=true", ""):
            answer = self.api.raw("GET", path + which)
            if answer.status == 200 and answer.body.strip():
                return answer.body.decode(errors="replace").splitlines()
        return []

    def _warning(self, pod: dict[str, Any]) -> str:
        """The latest warning event, if it is still so; one that repeats what came before ("Back-off …") says least."""
        fields = f"involvedObject.name={name_of(pod)},type=Warning"
        events = self.api.get(self.names.core("events"), fieldSelector=fields)["items"]
        own = [event for event in events if not (_started(pod) and _of_the_start(event))]
        latest = sorted(own, key=lambda event: (not _repeats(event), _event_time(event)))
        return f"{latest[-1].get('reason')}: {latest[-1].get('message')}" if latest else ""


def _repeats(event: dict[str, Any]) -> bool:
    return str(event.get("message", "")).startswith(("Back-off", "Error: "))


def _event_time(event: dict[str, Any]) -> str:
    return str(event.get("lastTimestamp") or event.get("eventTime") or "")


def _started(pod: dict[str, Any]) -> bool:
    return all(container.get("started") for container in pod.get("status", {}).get("containerStatuses", ()))


def _of_the_start(event: dict[str, Any]) -> bool:
    """Every pod refuses connections until it listens: of one that has started it tells nothing."""
    return str(event.get("message", "")).startswith("Startup probe failed")
