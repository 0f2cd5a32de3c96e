"""What a Terraform plan would do, short enough for a person to judge it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from opsctl.core.cost.difference import CostChange
from opsctl.core.plan_policy import PolicyFinding

# What is gone when one of these is destroyed. Replacing destroys as well.
STATEFUL = {
    "aws_backup_vault": "the recovery points in it",
    "aws_cloudwatch_log_group": "its logs",
    "aws_db_instance": "the database and its automated backups",
    "aws_db_instance_automated_backups_replication": "the database's backups in the other region",
    "aws_dynamodb_table": "the table's items",
    "aws_ebs_volume": "the volume's contents",
    "aws_ecr_repository": "the images in it",
    "aws_efs_file_system": "the file system's contents",
    "aws_eks_cluster": "the cluster and every workload in it",
    "aws_elasticache_replication_group": "the cached data",
    "aws_grafana_workspace": "the dashboards that people made in it",
    "aws_kms_key": "what is encrypted with it, after its deletion window",
    "aws_prometheus_workspace": "the metrics in it",
    "aws_rds_cluster": "the database and its automated backups",
    "aws_s3_bucket": "the objects in it",
    "aws_secretsmanager_secret": "the secret's versions",
}


class Action(StrEnum):
    """In the order in which a reader should see them."""

    REPLACE = "replace"
    DESTROY = "destroy"
    CHANGE = "change"
    ADD = "add"
    IMPORT = "import"
    FORGET = "forget"
    MOVE = "move"


@dataclass(frozen=True)
class Difference:
    """One attribute, as text: `path` like `scaling_config[0].min_size`, values masked where sensitive."""

    path: str
    before: str
    after: str


@dataclass(frozen=True)
class Change:
    """What happens to one resource. `differences` is empty where only the event stream was read.

    `protected` is deletion protection, which AWS enforces. `unfinished` is a resource that an apply of ours began
    to create and did not finish: replacing it loses nothing, as nobody has ever used it.
    """

    address: str
    module: str
    type: str
    action: Action
    reason: str = ""
    differences: tuple[Difference, ...] = ()
    forced_by: tuple[Difference, ...] = ()
    protected: bool = False
    unfinished: bool = False

    @property
    def loses(self) -> str:
        """What would be lost for good, in words; empty where nothing is."""
        gone = self.action in (Action.REPLACE, Action.DESTROY) and not self.unfinished
        return STATEFUL.get(self.type, "") if gone else ""

    @property
    def tainted(self) -> bool:
        """Replaced because Terraform never saw its creation succeed, or because somebody asked for it so."""
        return self.reason in ("tainted", "replace_because_tainted")


@dataclass(frozen=True)
class PlanSummary:
    """`outputs` are names of outputs that would change; `warnings` is what Terraform wants a person to know.

    `cost` is None where the region has no prices.
    """

    changes: tuple[Change, ...] = ()
    outputs: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    findings: tuple[PolicyFinding, ...] = ()
    cost: CostChange | None = None

    @property
    def empty(self) -> bool:
        return not self.changes and not self.outputs

    @property
    def counts(self) -> dict[Action, int]:
        """How many resources for each action, zeros included, so that a reader sees `0 destroy`."""
        found = Counter(change.action for change in self.changes)
        return {action: found[action] for action in Action}

    @property
    def dangerous(self) -> tuple[Change, ...]:
        return tuple(change for change in self.changes if change.loses)

    @property
    def kept_by_aws(self) -> tuple[Change, ...]:
        """What would go, and what AWS refuses to delete: whatever goes with it would be gone by then."""
        gone = (Action.REPLACE, Action.DESTROY)
        return tuple(change for change in self.changes if change.protected and change.action in gone)


def without_unfinished(summary: PlanSummary, halfway: Collection[str]) -> PlanSummary:
    """`summary`, knowing the addresses that our own applies began to create and did not finish.

    Being tainted is not enough: a person may have tainted a database that is full of data.
    """
    known = [replace(change, unfinished=change.tainted and change.address in halfway) for change in summary.changes]
    return replace(summary, changes=ordered(known).changes)


def accepted(change: Change, allowed: Sequence[str]) -> bool:
    """Whether one of the addresses names the change, or a module or resource that contains it."""
    return any(within(change.address, name) for name in allowed)


def loss_flags(summary: PlanSummary) -> str:
    """What accepts every loss of the plan: a module where several of its resources hold data, else the resource."""
    addresses = [change.address for change in summary.dangerous]
    in_module = Counter(map(_module, addresses))
    names = {_module(each) if in_module[_module(each)] > 1 else each for each in addresses}
    return " ".join(f"--allow-data-loss '{name}'" for name in sorted(names))


def _module(address: str) -> str:
    """`module.network` of module.network.aws_vpc.this; itself where the root has it."""
    found = re.match(r"module\.[^.\[]+", address)
    return found[0] if found else address


def within(path: str, parent: str) -> bool:
    return path == parent or path.startswith((f"{parent}.", f"{parent}["))


def ordered(changes: Iterable[Change]) -> PlanSummary:
    order = list(Action)
    return PlanSummary(tuple(sorted(changes, key=lambda c: (not c.loses, order.index(c.action), c.address))))
