"""Helm: one release a color, one for the addresses that both share. It installs; waiting and judging are ours.

Helm has no bound of its own for a call to a frozen API server (`--timeout` is for hooks and waiting), so it gets one
here. A failure says in words alone whether the cluster refused or gave no answer; the second kind is `Unreachable`,
and worth another try.
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from opsctl.assets import asset
from opsctl.core.bindings import Bound
from opsctl.core.color import Color
from opsctl.core.environment import Environment
from opsctl.core.release import Rollout
from opsctl.errors import OpsError, ToolFailed, Unreachable
from opsctl.render.values import edge_values
from opsctl.tools.cluster.bindings import Bindings
from opsctl.tools.cluster.helm_records import LONGEST_S, HelmRecords
from opsctl.tools.cluster.names import Names
from opsctl.tools.cluster.traffic import Routers
from opsctl.tools.process import Command, Finished, run

_GRACE_S = 2.5  # for one that was asked to stop to record its failure; it is asked twice, then killed
_TIMEOUT_S = LONGEST_S - 2 * _GRACE_S
_NO_ANSWER = re.compile(
    r"\b(get|post|put|patch|delete|head) \"https?://[^\"]+\": "  # how Go says that a request got no answer
    "|cluster unreachable|connection re(fused|set)|timeout|deadline exceeded|EOF|context canceled"
    "|unable to (handle the request|return a response)|too many requests|an error on the server|internal error"
    "|etcdserver|object has been modified",  # client-go's words for 5xx, 429, and 409 by a stale version
    re.IGNORECASE,
)
_REMEDY = "install Helm 4, or name it in OPSCTL_HELM; make setup builds one for the sandbox"


@dataclass(frozen=True)
class Helm:
    """The program and the cluster it speaks to."""

    program: str
    kubeconfig: Path | None
    context: str | None
    namespace: str

    def upgrade_command(self, release: str, chart: str, values: Path) -> Command:
        """`helm upgrade --install`: no `--wait`, as pods are judged by us; no hooks in our charts."""
        words = [
            self.program, "upgrade", "--install", release, str(asset("helm") / chart), "--namespace", self.namespace,
            "--values", str(values), "--history-max", "10", "--output", "json",
        ]  # fmt: skip
        words += ["--kubeconfig", str(self.kubeconfig)] if self.kubeconfig else []
        words += ["--kube-context", self.context] if self.context else []
        return Command(
            tuple(words), environment={"HELM_DEBUG": None}, grace=_GRACE_S, dies_with_us=True, remedy=_REMEDY
        )

    def upgrade(self, release: str, chart: str, values: Mapping[str, Any]) -> None:
        """Raises ToolFailed with Helm's own words, Unreachable where they say that the cluster gave no answer."""
        with TemporaryDirectory(prefix="opsctl-") as folder:
            file = Path(folder) / "values.json"  # JSON is YAML, and needs no quoting rules
            file.write_text(json.dumps(values), encoding="utf-8")
            try:
                finished = run(self.upgrade_command(release, chart, file), timeout=_TIMEOUT_S)
            except ToolFailed as late:
                raise self._failure(Unreachable, release, late.message) from late
        if finished.exit_code:
            words = _last_words(finished)
            silent = _NO_ANSWER.search(words)
            raise self._failure(Unreachable if silent else ToolFailed, release, words)

    def _failure(self, kind: type[OpsError], release: str, words: str) -> OpsError:
        return kind(
            f"helm could not install {release}: {words}",
            state=f"The other color is untouched; what Helm did is in: helm history {release} -n {self.namespace}",
            hint="opsctl status",
        )


@dataclass(frozen=True)
class HelmCharts:
    """The port `Charts`, by Helm and one active Service that is opsctl's alone."""

    helm: Helm
    names: Names
    traffic: Routers
    records: HelmRecords
    environment: Environment
    still_ours: Callable[[], None]  # makes sure of the lock, as `Lock.check` does
    bindings: Bindings

    def bound(self) -> Bound | None:
        return self.bindings.read()

    def balanced(self) -> frozenset[Color]:
        return self.bindings.balanced()

    def prepare(self) -> None:
        self._upgrade(self.names.edge, "edge", edge_values(self.environment, self.bindings.outputs()))
        self.traffic.ensure(self.environment)

    def install(self, rollout: Rollout) -> None:
        """As recorded, not as the environment file says by now: a rollback brings back what served."""
        values = {**rollout.values, "color": rollout.color.value, "release": {"id": str(rollout.release)}}
        self._upgrade(self.names.release(rollout.color), "app", values)

    def _upgrade(self, release: str, chart: str, values: Mapping[str, Any]) -> None:
        self.records.repair(release)
        self.still_ours()  # to wait for another's Helm may have taken long
        self.helm.upgrade(release, chart, values)


def helm_program() -> str:
    """OPSCTL_HELM, else the one beside opsctl's own Python (make setup puts it there), else `helm` on PATH."""
    beside = Path(sys.executable).parent / "helm"
    return os.environ.get("OPSCTL_HELM") or (str(beside) if beside.exists() else "helm")


def _last_words(finished: Finished) -> str:
    lines = (finished.stderr or finished.stdout).strip().splitlines()
    return lines[-1] if lines else f"exit code {finished.exit_code}, without a word"
