"""The composition root: the only module that chooses a concrete adapter."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from opsctl.core.environment import Environment

if TYPE_CHECKING:
    from opsctl.ports import ReleasePorts, Watching
    from opsctl.tools.cluster.api import Api
    from opsctl.tools.cluster.cluster import KubernetesCluster
    from opsctl.tools.cluster.journal import ConfigMapJournal
    from opsctl.tools.cluster.names import Names


def names_of(environment: Environment) -> Names:
    from opsctl.tools.cluster.names import Names

    return Names(environment.application.namespace or environment.application.name, environment.application.name)


def kubeconfig_of(project: Path, environment: Environment) -> Path | None:
    given = environment.kubernetes.kubeconfig
    return (project / Path(given).expanduser()).resolve() if given else None


def open_api(project: Path, environment: Environment) -> Api:
    from opsctl.tools.cluster.api import Api

    return Api(kubeconfig_of(project, environment), environment.kubernetes.context)


def open_cluster(project: Path, environment: Environment) -> KubernetesCluster:
    from opsctl.tools.cluster.cluster import KubernetesCluster
    from opsctl.tools.cluster.traffic import ServiceTraffic

    api, names = open_api(project, environment), names_of(environment)
    return KubernetesCluster(api, names, ServiceTraffic(api, names))


def open_journal(project: Path, environment: Environment) -> ConfigMapJournal:
    from opsctl.tools.cluster.journal import ConfigMapJournal

    return ConfigMapJournal(open_api(project, environment), names_of(environment))


def infrastructure_line(project: Path, environment: Environment) -> str:
    """When and by whom the infrastructure was applied last, in words."""
    return "unknown"


def release_ports(project: Path, environment: Environment, watching: Watching) -> ReleasePorts:
    """Everything a release flow needs, on the real cluster. Raises Unreachable where there is no way to it."""
    from opsctl.ports import ReleasePorts
    from opsctl.tools.clock import SystemClock
    from opsctl.tools.cluster.cluster import KubernetesCluster
    from opsctl.tools.cluster.front_door import open_front_door
    from opsctl.tools.cluster.journal import ConfigMapJournal
    from opsctl.tools.cluster.lease import KubernetesLease
    from opsctl.tools.cluster.probes import PodProber
    from opsctl.tools.cluster.traffic import ServiceTraffic
    from opsctl.tools.helm import Helm, HelmCharts, helm_program

    api, names = open_api(project, environment), names_of(environment)
    traffic = ServiceTraffic(api, names)
    kubeconfig = kubeconfig_of(project, environment)
    helm = Helm(helm_program(), kubeconfig, environment.kubernetes.context, names.namespace)
    door = open_front_door(api, names, environment)
    return ReleasePorts(
        clock=SystemClock(),
        cluster=KubernetesCluster(api, names, traffic),
        traffic=traffic,
        charts=HelmCharts(helm, names, traffic, environment),
        prober=PodProber(api, names, environment, door),
        journal=ConfigMapJournal(api, names),
        lock=KubernetesLease(api, names),
        watching=watching,
    )
