"""A world whose releases take seconds, so that many can be cut short, and a second copy of its project elsewhere."""

from __future__ import annotations

import json
import shutil
from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType
from typing import Any

from fault_proxy import FaultProxy
from release_world import Ended, Running, World

from opsctl.tools.cluster.kubeconfig import connect_by_kubeconfig

_BRIEF = """\
extends: rehearsal.yaml
release:
  gate_seconds: 0.5
  bake_seconds: 2
  drain: {quiet_seconds: 0.5}
  probe_interval: 0.5
  guard: none
  migration: {command: [python3, -c, "import time; time.sleep(1)"]}  # only run where --migration says so
"""
_GUARDED = "extends: {base}.yaml\nrelease: {{guard: in_cluster}}\n"
_HOOKED = """\
extends: {base}.yaml
release: {{hooks: {{pre_cutover: {{command: [sleep, "0.5"]}}, post_cutover: {{command: [sleep, "0.5"]}}}}}}
"""
_ASKING = "extends: {base}.yaml\nrelease: {{drain: {{method: endpoint}}}}\n"
_PROXIED = """\
extends: brief.yaml
kubernetes: {{kubeconfig: "{kubeconfig}", context: sandbox}}
"""


class BriefWorld(World, AbstractContextManager["BriefWorld"]):
    """`with` makes it, first release included; what is in the namespace is deleted at the end."""

    more = ""  # of its environment file
    used = "brief"  # the environment of a command that names none

    def __enter__(self) -> BriefWorld:
        self.create()
        self.add_environment("brief", _BRIEF + self.more)
        state = self.cluster.state
        self.proxy = FaultProxy(connect_by_kubeconfig(Path(state.kubeconfig), state.context))
        self.proxy.__enter__()
        kubeconfig = self.proxy.kubeconfig(self.folder / "proxied.json")
        self.add_environment("proxied", _PROXIED.format(kubeconfig=kubeconfig))
        self.add_environment("guarded", _GUARDED.format(base="brief"))
        self.add_environment("proxied-guarded", _GUARDED.format(base="proxied"))
        self.add_environment("hooked", _HOOKED.format(base="brief"))
        self.add_environment("proxied-hooked", _HOOKED.format(base="proxied"))
        self.add_environment("asking", _ASKING.format(base="brief"))
        self.add_environment("proxied-asking", _ASKING.format(base="proxied"))
        for version in ("1.0.0", "1.1.0"):  # both colors are warm from now on
            first = self.deploy(version)
            assert first.exit_code == 0, first
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.proxy.__exit__(kind, error, at)
        self.cluster.kubectl("delete", "namespace", self.namespace, "--ignore-not-found", "--wait=false")

    def start(self, *words: str, home: str = "home", **variables: str) -> Running:
        return super().start(*words, home=home, **{"OPSCTL_ENV": self.used, **variables})

    def elsewhere(self, *words: str) -> Ended:
        """As typed on a computer that has nothing but a copy of the project."""
        copy = self.folder / "copy"
        if not copy.exists():
            shutil.copytree(self.project, copy, ignore=shutil.ignore_patterns(".opsctl"))
        return self.json(*words, home="elsewhere", OPSCTL_PROJECT=str(copy))

    def selected(self) -> str:
        """The color that the active Services select; both, where they do not agree."""
        found = {self.service(name)["selector"]["opsctl/color"] for name in self.services}
        return " and ".join(sorted(found))

    def newest(self) -> dict[str, Any]:
        """The journal's record of the newest release or rollback."""
        found = self._list("configmaps", "opsctl/record=rollout")
        records: list[dict[str, Any]] = [json.loads(item["data"]["rollout.json"]) for item in found]
        return max(records, key=lambda record: record["id"])
