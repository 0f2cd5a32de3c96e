"""Where the load balancer sends users, asked of AWS: the weights of its listener's rules."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from opsctl.core.color import Color
from opsctl.core.environment import Aws
from opsctl.errors import Unreachable
from opsctl.tools.aws import client


def colors_with_users(aws: Aws, project: Path, edge: Mapping[str, Any]) -> frozenset[Color]:
    """Those whose target groups have a weight in a rule. `edge`: Terraform's output of that name, with `rule_arns` and
    `target_group_arns` by service and color. Raises `Unreachable` where AWS does not say."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        balancer = client("elbv2", aws, project)
        rules = balancer.describe_rules(RuleArns=sorted(edge["rule_arns"].values()))["Rules"]
    except (BotoCoreError, ClientError) as error:
        raise Unreachable(f"AWS does not tell the load balancer's weights: {error}") from error
    known = {arn: Color(place.rpartition("-")[2]) for place, arn in edge["target_group_arns"].items()}
    return frozenset(known[arn] for rule in rules for arn in _weighted(rule) if arn in known)


def _weighted(rule: Mapping[str, Any]) -> list[str]:
    forwards = [action.get("ForwardConfig", {}) for action in rule["Actions"] if action["Type"] == "forward"]
    return [group["TargetGroupArn"] for each in forwards for group in each["TargetGroups"] if group.get("Weight")]
