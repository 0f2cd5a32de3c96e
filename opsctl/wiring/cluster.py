"""Ways into the cluster, and what reads it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from opsctl.core.environment import Environment
from opsctl.wiring.records import known_outputs

if TYPE_CHECKING:
    from opsctl.ports.access import AccessPorts
    from opsctl.tools.cluster.api import Api
    from opsctl.tools.cluster.bindings import Bindings
    from opsctl.tools.cluster.cluster import KubernetesCluster
    from opsctl.tools.cluster.journal import ConfigMapJournal
    from opsctl.tools.cluster.names import Names
    from opsctl.tools.cluster.tapes import ConfigMapTapes


def names_of(environment: Environment) -> Names:
    from opsctl.core.workloads import front, parts
    from opsctl.tools.cluster.names import Names

    application = environment.application
    return Names(
        application.namespace or application.name, application.name, tuple(parts(environment)),
        front(environment),
    )  # fmt: skip


def kubeconfig_of(project: Path, environment: Environment) -> Path | None:
    given = environment.kubernetes.kubeconfig
    return (project / Path(given).expanduser()).resolve() if given else None


def open_api(project: Path, environment: Environment) -> Api:
    from opsctl.core.way_in import way_in
    from opsctl.tools.cluster.api import Api
    from opsctl.tools.cluster.kubeconfig import connect_by_kubeconfig

    found = connect_by_kubeconfig(kubeconfig_of(project, environment), environment.kubernetes.context)
    return Api(replace(found, source=f"{found.source}{way_in(found.server, environment.cluster)}"))


def open_own_api(project: Path, environment: Environment) -> Api:
    """For what must not touch another cluster. An emulated AWS tells no address to compare with, so there a kubeconfig
    has to be named: whatever kubectl happens to point at could be production."""
    from opsctl.errors import Unreachable

    if environment.aws.emulated and not environment.kubernetes.kubeconfig:
        raise Unreachable("AWS is emulated, and kubernetes.kubeconfig names no cluster of its own")
    return open_api(project, environment)


def open_cluster(project: Path, environment: Environment) -> KubernetesCluster:
    from opsctl.tools.cluster.cluster import KubernetesCluster
    from opsctl.tools.cluster.traffic import Routers

    api, names = open_api(project, environment), names_of(environment)
    return KubernetesCluster(api, names, Routers(api, names))


def open_bindings(project: Path, environment: Environment, api: Api) -> Bindings:
    from opsctl.tools.cluster.bindings import Bindings
    from opsctl.tools.weights import colors_with_users

    return Bindings(
        api, names_of(environment), environment,
        ask=lambda: known_outputs(project, environment).values,
        users=lambda edge: colors_with_users(environment.aws, project, edge),
    )  # fmt: skip


def open_journal(project: Path, environment: Environment) -> ConfigMapJournal:
    from opsctl.tools.cluster.journal import ConfigMapJournal

    return ConfigMapJournal(open_api(project, environment), names_of(environment))


def open_tapes(project: Path, environment: Environment) -> ConfigMapTapes:
    from opsctl.tools.cluster.tapes import ConfigMapTapes

    return ConfigMapTapes(open_api(project, environment), names_of(environment))


def access_ports(project: Path, environment: Environment) -> AccessPorts:
    from opsctl.ports.access import AccessPorts
    from opsctl.tools.clock import SystemClock
    from opsctl.tools.cluster.cluster import KubernetesCluster
    from opsctl.tools.cluster.freeze import ConfigMapFreezes
    from opsctl.tools.cluster.reservation import Reservations
    from opsctl.tools.cluster.traffic import Routers

    api, names = open_api(project, environment), names_of(environment)
    return AccessPorts(
        clock=SystemClock(),
        cluster=KubernetesCluster(api, names, Routers(api, names)),
        reservations=Reservations(api, names),
        freezes=ConfigMapFreezes(api, names),
    )
