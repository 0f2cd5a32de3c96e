"""The guard's adapters: the same as a person's opsctl uses, but for how it gets in."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from opsctl.core.color import Color
from opsctl.core.environment import Environment, Hook
from opsctl.core.environment import Release as Policy
from opsctl.core.health import Result
from opsctl.core.hook import HookEnd, HookName, HookState
from opsctl.core.notice import Event, Undelivered
from opsctl.core.release import Rollout
from opsctl.core.settings import Stored
from opsctl.errors import ToolFailed
from opsctl.flows.recording import recording
from opsctl.guard.log import Log
from opsctl.guard.settings import Settings
from opsctl.ports.release import ReleasePorts
from opsctl.tools.clock import SystemClock
from opsctl.tools.cluster.agents import DrainEndpoint
from opsctl.tools.cluster.api import Api
from opsctl.tools.cluster.changes import ClusterChanges
from opsctl.tools.cluster.cluster import KubernetesCluster
from opsctl.tools.cluster.freeze import ConfigMapFreezes
from opsctl.tools.cluster.front_door import FrontDoor, by_cluster_address, by_node_address, by_url
from opsctl.tools.cluster.gate_load import GateLoad
from opsctl.tools.cluster.journal import OneRecordJournal
from opsctl.tools.cluster.lease import KubernetesLease
from opsctl.tools.cluster.probes import PodProber
from opsctl.tools.cluster.tapes import ConfigMapTapes
from opsctl.tools.cluster.traffic import Routers
from opsctl.tools.cluster.ways import Direct
from opsctl.tools.queries.asking import Asking
from opsctl.tools.queries.prometheus import Prometheus


class NoCharts:
    """There is no Helm here: what a guard may have to do after cutover needs none, but for a deleted Deployment."""

    def bound(self) -> None:
        return None

    def balanced(self) -> frozenset[Color]:
        raise ToolFailed("the guard asks no AWS")

    def prepare(self) -> None:
        raise ToolFailed("the guard has no Helm")

    def install(self, rollout: Rollout) -> None:
        raise ToolFailed(f"the guard has no Helm to install release {rollout.release}")


class NoOtherGuard:
    """A guard starts none, and removes none: its Job goes by itself once the guard has ended well."""

    def start(self, rollout: Rollout) -> None:
        raise ToolFailed("a guard starts no other")

    def remove(self) -> None:
        return


class NoMigrations:
    """A guard goes on after cutover, where no migration is begun any more."""

    def start(self, rollout: Rollout) -> None:
        raise ToolFailed("a guard starts no migration")


class NoHooks:
    """Hooks belong to the computer of whoever releases: here is neither their project nor their credentials."""

    def begin(self, name: HookName, hook: Hook, rollout: Rollout, active: Color | None) -> None:
        raise ToolFailed("a guard runs no hooks")

    def trouble(self, hook: Hook) -> str:
        return ""

    def states(self) -> Mapping[HookName, HookState]:
        return {name: HookState(0.0, HookEnd.NOT_RUN, "the guard in the cluster runs no hooks") for name in HookName}

    def lines(self) -> list[tuple[HookName, str]]:
        return []

    def stop(self, names: Collection[HookName]) -> None:
        return

    def end(self) -> None:
        return


class NoNotices:
    """Addresses may be secrets, so that the guard is not told them."""

    def send(self, event: Event, rollout: Rollout, active: Color | None) -> None:
        return

    def finish(self) -> list[Undelivered]:
        return []


class NoSettings:
    """Those of its release are there, as a guard begins after them; and it knows too few records to say which are
    old."""

    def ensure(self, rollout: Rollout) -> None:
        return

    def stored(self) -> list[Stored]:
        return []

    def used(self) -> frozenset[str]:
        return frozenset()

    def delete(self, gone: Stored) -> None:
        raise ToolFailed("a guard deletes no settings")


def guard_ports(api: Api, settings: Settings, policy: Policy, log: Log) -> ReleasePorts:
    """`policy` is what the release began with."""
    names, environment = settings.names, replace(settings.environment, release=policy)
    lock = KubernetesLease(api, names)
    lock.holder = f"guard@{settings.pod}"
    traffic, changes = Routers(api, names, lock.check), ClusterChanges(api, names)
    door = _door(api, settings, environment, log)
    ports = ReleasePorts(
        clock=SystemClock(),
        cluster=KubernetesCluster(api, names, traffic, lock.check),
        agents=DrainEndpoint(Direct(), environment),
        traffic=traffic,
        charts=NoCharts(),
        prober=PodProber(Direct(), door, environment, changes.ring),
        changes=changes,
        load=GateLoad(Direct(), environment),
        queries=Asking({"prometheus": Prometheus(policy.prometheus_url or "")}),  # for AWS it has no credentials
        journal=OneRecordJournal(api, names, settings.rollout),
        lock=lock,
        guard=NoOtherGuard(),
        migrations=NoMigrations(),
        hooks=NoHooks(),
        notices=NoNotices(),
        settings=NoSettings(),
        freezes=ConfigMapFreezes(api, names),
        watching=log,
    )
    return recording(ports, ConfigMapTapes(api, names))


def _door(api: Api, settings: Settings, environment: Environment, log: Log) -> FrontDoor:
    """As the environment names it, where it answers from in here; users' own way may begin outside, and what cannot
    be reached from inside proves nothing. Else the Service's address in the cluster."""
    inside, kind = by_cluster_address(api, settings.names), environment.front_door.kind
    if kind == "service_proxy":
        return inside
    named = by_url(environment.front_door.api_url or "")
    if kind == "node_port":
        named = by_node_address(api, settings.names, settings.node_address)
    found = named.probe(environment.services.api.health_path, environment.release.probe_timeout)
    if found.result is Result.PASSED:
        return named
    log.say("front door", detail=f"{kind} does not answer from inside: {found.detail}; asked at the Service's address")
    return inside
