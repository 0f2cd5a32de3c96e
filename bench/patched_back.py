"""The lower bound of a way back: a Service patched to bad pods, and back the moment the meter sees a bad answer.

It has pods of its own, made from those that serve, and a Service of its own, so that opsctl's releases and its
rounds do not meet. The good pods are those that serve opsctl's users.
"""

from __future__ import annotations

import copy
import json
import time
from types import TracebackType
from typing import Any

from bench.meter import Meter
from bench.programs import Unexpected, run
from bench.sandbox import APPLICATION, Sandbox

_NAME = "opsctl-bench-bad"
_IMAGE = "ai-agent-sdk:1.2.0"
_SETTLE_S = 2.0
_LIMIT_S = 60.0


class PatchedBack:
    """Made once for all rounds, gone at the end of the block."""

    def __init__(self, sandbox: Sandbox, fault: str) -> None:
        self._sandbox = sandbox
        name, _, value = fault.partition("=")
        self._fault = {"name": name, "value": value}

    def __enter__(self) -> PatchedBack:
        self.__exit__()
        self._good = self._get("service", APPLICATION)["spec"]["selector"]
        self._serving = self._get("deployment", f"{APPLICATION}-{self._good['opsctl/color']}")
        self._apply(_bad(self._serving, self._fault))
        self._apply(_service(self._get("service", APPLICATION)))
        return self

    def __exit__(self, *failure: type[BaseException] | BaseException | TracebackType | None) -> None:
        for kind in ("service", "deployment"):
            run(self._sandbox.kubectl("delete", kind, _NAME, "--ignore-not-found"))

    def round(self) -> float:
        """Seconds of errors, first to last. The pods are new each time, as their fault counts from their first user."""
        self._select(self._get("service", APPLICATION)["spec"]["selector"])
        run(self._sandbox.kubectl("scale", "deployment", _NAME, f"--replicas={self._serving['spec']['replicas']}"))
        run(self._sandbox.kubectl("rollout", "status", "deployment", _NAME, f"--timeout={_LIMIT_S:.0f}s"))
        good = json.dumps(_selection(self._get("service", _NAME)["spec"]["selector"]))
        with Meter(self._sandbox, _NAME) as meter:
            time.sleep(_SETTLE_S)
            self._select(_bad_labels())
            if not meter.trouble.wait(_LIMIT_S):
                raise Unexpected("the bad pods answered no request badly")
            run(self._sandbox.kubectl("patch", "service", _NAME, "--type", "json", "--patch", good))
            time.sleep(_SETTLE_S)
        run(self._sandbox.kubectl("scale", "deployment", _NAME, "--replicas=0"))
        return meter.bad_span()

    def _select(self, selector: dict[str, str]) -> None:
        patch = json.dumps(_selection(selector))
        run(self._sandbox.kubectl("patch", "service", _NAME, "--type", "json", "--patch", patch))

    def _get(self, kind: str, name: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(run(self._sandbox.kubectl("get", kind, name, "--output", "json")).stdout)
        return found

    def _apply(self, made: dict[str, Any]) -> None:
        file = self._sandbox.project / ".opsctl" / "bench.json"
        file.write_text(json.dumps(made))
        run(self._sandbox.kubectl("create", "--filename", str(file)))


def _selection(selector: dict[str, str]) -> list[dict[str, Any]]:
    return [{"op": "replace", "path": "/spec/selector", "value": selector}]


def _bad_labels() -> dict[str, str]:
    return {"app": _NAME}


def _bad(serving: dict[str, Any], fault: dict[str, str]) -> dict[str, Any]:
    """What serves, with another image and a fault. No label of opsctl's is left, so it is nobody's color."""
    spec = copy.deepcopy(serving["spec"])
    container = spec["template"]["spec"]["containers"][0]
    container["image"] = _IMAGE
    container["env"] = [*(entry for entry in container["env"] if entry["name"] != fault["name"]), fault]
    spec |= {"replicas": 0, "selector": {"matchLabels": _bad_labels()}}
    spec["template"]["metadata"] = {"labels": _bad_labels()}
    spec["template"]["spec"].pop("topologySpreadConstraints", None)
    metadata = {"name": _NAME, "labels": {"opsctl/bench": "true"}}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata, "spec": spec}


def _service(active: dict[str, Any]) -> dict[str, Any]:
    ports = [{key: port[key] for key in ("name", "port", "targetPort")} for port in active["spec"]["ports"]]
    spec = {"type": "NodePort", "selector": active["spec"]["selector"], "ports": ports}
    metadata = {"name": _NAME, "labels": {"opsctl/bench": "true"}}
    return {"apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": spec}
