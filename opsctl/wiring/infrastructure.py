"""Terraform and all around it."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

from opsctl.core.environment import Environment
from opsctl.wiring.cluster import open_own_api
from opsctl.wiring.records import apply_records, state_key

if TYPE_CHECKING:
    from opsctl.config import Loaded
    from opsctl.ports.provisioning import DriftMemory, InfraPorts, Operator
    from opsctl.ports.terraform import StateLockPorts


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


def drift_memory(loaded: Loaded) -> DriftMemory:
    from opsctl.tools.drift_memory import DriftFile
    from opsctl.tools.rendered import folder_of

    return DriftFile(folder_of(loaded.project, loaded.environment.name))
