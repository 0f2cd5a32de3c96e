"""The composition root: the only module that chooses a concrete adapter."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from opsctl.core.environment import Environment

if TYPE_CHECKING:
    from opsctl.config import Loaded
    from opsctl.core.apply_record import LastApply
    from opsctl.core.checkup import Finding
    from opsctl.ports.access import AccessPorts
    from opsctl.ports.audience import Watching
    from opsctl.ports.provisioning import DriftMemory, InfraPorts, Operator
    from opsctl.ports.release import ReleasePorts
    from opsctl.ports.terraform import StateLockPorts
    from opsctl.tools.apply_records import ApplyRecordStore, RecordedOutputs
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


def checkup(project: Path, environment: Environment | None) -> Iterator[Finding]:
    """What `opsctl doctor` looks at; without an environment the tools alone."""
    from opsctl.core.checkup import Finding, Level
    from opsctl.errors import OpsError
    from opsctl.tools.checkup import check_aws, check_bindings, check_cluster, check_guard, check_rights, check_tools
    from opsctl.tools.preflight import AwsPreflight

    if environment is None:
        yield from check_tools("terraform")
        return
    theirs = environment.aws.emulated or environment.cluster.existing_name  # of another version than cluster.version
    yield from check_tools(environment.terraform.binary, None if theirs else environment.cluster.version)
    account = check_aws(environment, project)
    yield account
    if account.level is Level.OK:
        yield from AwsPreflight(environment, project).findings_without_plan()
    try:
        api = open_api(project, environment)
    except OpsError as error:
        yield Finding("cluster", Level.FAIL, error.message, error.hint)
        return
    yield from check_cluster(api)
    yield check_rights(api, names_of(environment).namespace, environment.release)
    yield check_guard(api, names_of(environment).namespace, environment.release)
    yield from check_bindings(open_bindings(project, environment, api))


# --- infrastructure ---------------------------------------------------------------------------------------


def infrastructure(loaded: Loaded, operator: Operator) -> InfraPorts:
    """Terraform and all around it for one environment. Raises ConfigurationError while the account is open."""
    from opsctl import __version__
    from opsctl.config import require
    from opsctl.core.cost.change import EnvironmentCosts
    from opsctl.ports.provisioning import InfraPorts, Origin
    from opsctl.tools import git
    from opsctl.tools.account import StsAccount
    from opsctl.tools.cluster.load_balancers import LoadBalancers
    from opsctl.tools.import_ids import ImportIds
    from opsctl.tools.person import this_person
    from opsctl.tools.preflight import AwsPreflight
    from opsctl.tools.rendered import folder_of
    from opsctl.tools.saved_plans import PlanFolder
    from opsctl.tools.terraform.environment import terraform_environment
    from opsctl.tools.terraform.roots import BootstrapRoot, StackRoot

    require(loaded, "aws.account_id")
    environment, project = loaded.environment, loaded.project
    overlay = terraform_environment(environment.aws, project, project / ".opsctl", os.environ)
    commit, dirty = git.commit(project)
    records = apply_records(project, environment)
    return InfraPorts(
        costs=EnvironmentCosts(environment),
        preflight=AwsPreflight(environment, project),
        account=StsAccount(environment.aws, project),
        stack=StackRoot(project, environment, overlay, records.remembered_outputs),
        bootstrap=BootstrapRoot(project, environment, overlay),
        bucket=records.bucket,
        import_ids=ImportIds(environment.aws, project),
        workloads=LoadBalancers(lambda: open_own_api(project, environment)),
        plans=PlanFolder(folder_of(project, environment.name) / "plans"),
        records=records,
        operator=operator,
        origin=Origin(
            environment=environment.name,
            account=environment.aws.account_id or "",
            region=environment.aws.region,
            config=loaded.digest,
            opsctl=__version__,
            commit=commit,
            dirty=dirty,
            by=this_person(),
            emulated=environment.aws.emulated,
            valid_minutes=environment.terraform.plan_valid_minutes,
        ),
        now=time.time,
        pause=time.sleep,
    )


def state_lock_ports(project: Path, environment: Environment) -> StateLockPorts | None:
    """None while the account is open: then there is no state, and nobody to ask."""
    import socket

    from opsctl.ports.terraform import StateLockPorts
    from opsctl.tools.rendered import folder_of
    from opsctl.tools.saved_plans import PlanFolder
    from opsctl.tools.state_lock import StateLockTool
    from opsctl.tools.terraform.environment import terraform_environment
    from opsctl.tools.terraform.roots import StackRoot

    if not environment.aws.account_id:
        return None
    overlay = terraform_environment(environment.aws, project, project / ".opsctl", os.environ)
    records = apply_records(project, environment)
    locks = StateLockTool(
        records.bucket, state_key(environment), PlanFolder(folder_of(project, environment.name) / "plans"),
        StackRoot(project, environment, overlay, records.remembered_outputs),
    )  # fmt: skip
    return StateLockPorts(locks, socket.gethostname(), time.time)


def state_key(environment: Environment) -> str:
    return environment.state.key or f"{environment.name}/terraform.tfstate"


def drift_memory(loaded: Loaded) -> DriftMemory:
    from opsctl.tools.drift_memory import DriftFile
    from opsctl.tools.rendered import folder_of

    return DriftFile(folder_of(loaded.project, loaded.environment.name))


def last_apply(project: Path, environment: Environment) -> LastApply | None:
    """The environment's last apply, asked from its state bucket: about 0.3 s, most of it loading botocore.

    None while the account is open: there can be no apply, and nobody to ask.
    """
    return apply_records(project, environment).last() if environment.aws.account_id else None


def known_outputs(project: Path, environment: Environment) -> RecordedOutputs:
    """What provision made, as `opsctl outputs` prints it; nothing while the account is open."""
    from opsctl.tools.apply_records import RecordedOutputs

    return apply_records(project, environment).outputs() if environment.aws.account_id else RecordedOutputs({})


def apply_records(project: Path, environment: Environment) -> ApplyRecordStore:
    from opsctl.tools.apply_records import ApplyRecordStore
    from opsctl.tools.rendered import folder_of
    from opsctl.tools.state_bucket import StateBucketTool

    folder = folder_of(project, environment.name)
    bucket = StateBucketTool(environment.state.bucket or "", environment.aws, project, folder)
    return ApplyRecordStore(folder, bucket, state_key(environment))
