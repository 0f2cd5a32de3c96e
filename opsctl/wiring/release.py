"""All that a release needs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from opsctl.core.environment import Environment
from opsctl.wiring.cluster import kubeconfig_of, names_of, open_api, open_bindings

if TYPE_CHECKING:
    from opsctl.ports.audience import Watching
    from opsctl.ports.release import ReleasePorts


def git_commit(project: Path) -> str:
    """The project's commit; of one with uncommitted changes it says so. Empty outside of git, or where git fails: that
    is no reason not to release."""
    from opsctl.errors import OpsError
    from opsctl.tools.git import commit

    try:
        found, dirty = commit(project)
    except OpsError:
        return ""
    return f"{found} with uncommitted changes" if found and dirty else found


def release_ports(project: Path, environment: Environment, watching: Watching) -> ReleasePorts:
    """Everything a release flow needs, on the real cluster. Raises Unreachable where there is no way to it."""
    from opsctl.flows.recording import recording
    from opsctl.ports.release import ReleasePorts
    from opsctl.tools.clock import SystemClock
    from opsctl.tools.cluster.agents import DrainEndpoint
    from opsctl.tools.cluster.changes import ClusterChanges
    from opsctl.tools.cluster.cluster import KubernetesCluster
    from opsctl.tools.cluster.freeze import ConfigMapFreezes
    from opsctl.tools.cluster.front_door import open_front_door
    from opsctl.tools.cluster.gate_load import GateLoad
    from opsctl.tools.cluster.guard import GuardPods
    from opsctl.tools.cluster.helm_records import HelmRecords
    from opsctl.tools.cluster.journal import ConfigMapJournal
    from opsctl.tools.cluster.lease import KubernetesLease
    from opsctl.tools.cluster.migration import MigrationJobs
    from opsctl.tools.cluster.probes import PodProber
    from opsctl.tools.cluster.settings import ConfigMapSettings
    from opsctl.tools.cluster.tapes import ConfigMapTapes
    from opsctl.tools.cluster.traffic import Routers
    from opsctl.tools.cluster.ways import ThroughServer
    from opsctl.tools.helm import Helm, HelmCharts, helm_program
    from opsctl.tools.hooks import HookProcesses
    from opsctl.tools.notices import open_notices
    from opsctl.tools.queries.asking import open_queries

    api, names = open_api(project, environment), names_of(environment)
    lock = KubernetesLease(api, names)
    traffic = Routers(api, names, lock.check)
    kubeconfig = kubeconfig_of(project, environment)
    helm = Helm(helm_program(), kubeconfig, environment.kubernetes.context, names.namespace)
    door = open_front_door(api, names, environment)
    changes, way = ClusterChanges(api, names), ThroughServer(api, names)
    bindings = open_bindings(project, environment, api)
    ports = ReleasePorts(
        clock=SystemClock(),
        cluster=KubernetesCluster(api, names, traffic, lock.check),
        agents=DrainEndpoint(way, environment),
        traffic=traffic,
        charts=HelmCharts(helm, names, traffic, HelmRecords(api, names), environment, lock.check, bindings),
        prober=PodProber(way, door, environment, changes.ring),
        changes=changes,
        load=GateLoad(way, environment),
        queries=open_queries(environment, project),
        journal=ConfigMapJournal(api, names),
        lock=lock,
        guard=GuardPods(api, names, environment),
        migrations=MigrationJobs(api, names),
        hooks=HookProcesses(project, environment.name),
        notices=open_notices(environment, project),
        settings=ConfigMapSettings(api, names, lock.check),
        freezes=ConfigMapFreezes(api, names),
        watching=watching,
    )
    return recording(ports, ConfigMapTapes(api, names))
