"""An apply that was killed: what it had made, what it had begun, and what of that the state does not know.

Terraform stores its state every twenty seconds and at its end. Killed in between, it leaves resources in AWS that no
state knows of: a next apply would make them a second time, or be refused because they exist. Their ids are in the
events of the apply, which outlive it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import reduce
from typing import Any

from opsctl.core.apply_events import Applied, advance, is_last


@dataclass(frozen=True)
class Made:
    """A resource whose creation AWS has confirmed; `id` as Terraform calls it."""

    address: str
    type: str
    id: str


@dataclass(frozen=True)
class CutShort:
    """The apply of one plan that has no end. Of what is `applied.halfway` nobody knows what AWS has done."""

    plan: int
    applied: Applied
    made: tuple[Made, ...] = ()
    ended: bool = False

    @property
    def complete(self) -> bool:
        """Terraform did all of it and stored its state, though nobody was there to see."""
        return self.ended and not self.applied.troubles and not self.applied.halfway


_HARMLESS_TWICE = frozenset({
    "aws_iam_role_policy_attachment", "aws_iam_user_policy_attachment", "aws_iam_group_policy_attachment",
    "terraform_data",
})  # fmt: skip
"""Making these again changes nothing, and what Terraform calls their id is of its own making."""

_ANOTHER_ID = frozenset({
    "aws_acm_certificate_validation", "aws_backup_selection", "aws_cloudwatch_event_target",
    "aws_eks_pod_identity_association", "aws_lb_target_group_attachment", "aws_main_route_table_association",
    "aws_network_acl_rule", "aws_route", "aws_route_table_association", "aws_security_group_rule", "aws_wafv2_ip_set",
    "aws_wafv2_web_acl", "aws_wafv2_web_acl_association", "aws_cloudwatch_log_subscription_filter",
    "aws_cloudwatch_log_metric_filter", "aws_lambda_permission", "aws_appautoscaling_policy",
    "aws_appautoscaling_target",
})  # fmt: skip
"""Imported by something else than their id, if at all: see the end of each page of the provider's documentation."""


def read(plan: int, events: Iterable[Mapping[str, Any]]) -> CutShort:
    told = list(events)
    return CutShort(plan, reduce(advance, told, Applied()), _made(told), any(map(is_last, told)))


def _made(events: Iterable[Mapping[str, Any]]) -> tuple[Made, ...]:
    """What exists at the end of the events: a replacement deletes and creates at the same address."""
    found = dict[str, Made]()
    for event in events:
        hook = event.get("hook", {}) if event.get("type") == "apply_complete" else {}
        if hook.get("action") == "create" and hook.get("id_value"):
            resource = hook["resource"]
            found[resource["addr"]] = Made(resource["addr"], resource["resource_type"], str(hook["id_value"]))
        elif hook.get("action") == "delete":
            found.pop(hook["resource"]["addr"], None)
    return tuple(found.values())


def orphans(found: Iterable[CutShort], state: Collection[str]) -> tuple[Made, ...]:
    """Made, and unknown to the state; of the same address the latest counts."""
    made = {one.address: one for each in found for one in each.made}
    return tuple(one for one in made.values() if one.address not in state and one.type not in _HARMLESS_TWICE)


def by_id(made: Made) -> bool:
    """Whether Terraform imports it by what it calls its id."""
    return made.type not in _ANOTHER_ID


def import_blocks(made: Iterable[Made]) -> dict[str, Any]:
    """In Terraform's JSON syntax, where a dollar sign before a brace begins an expression."""
    return {"import": [{"to": one.address, "id": one.id.replace("${", "$${").replace("%{", "%%{")} for one in made]}
