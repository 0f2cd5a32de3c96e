"""What a plan would make worse: security, durability and order, each as a finding with a severity.

Rules look at one resource's values. A finding is told where the plan brings it: what was so before is not said again.
Messages name attributes and addresses, never a value that Terraform calls sensitive.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

REQUIRED_TAGS = ("application", "environment", "managed-by")  # which the stack gives to all that can have tags


class Severity(StrEnum):
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


@dataclass(frozen=True)
class PolicyFinding:
    """`rule` is a stable name, for whoever counts or waives them."""

    rule: str
    severity: Severity
    address: str
    message: str


Told = tuple[str, Severity, str]
Values = Mapping[str, Any]


def findings(plan: Mapping[str, Any]) -> tuple[PolicyFinding, ...]:
    """Of `show -json`, the worst first."""
    changes = [found for found in plan.get("resource_changes", ()) if found.get("mode") == "managed"]
    found = [PolicyFinding(rule, how, each["address"], said) for each in changes for rule, how, said in _of(each)]
    order = list(Severity)
    return tuple(sorted(found, key=lambda one: (order.index(one.severity), one.rule, one.message, one.address)))


def _of(found: Mapping[str, Any]) -> Iterator[Told]:
    change, kind = found["change"], found["type"]
    actions = change["actions"]
    if "delete" in actions:
        yield from _deleted(kind)
    if actions in (["no-op"], ["read"], ["delete"], ["forget"]):
        return
    after, unknown = change.get("after") or {}, change.get("after_unknown") or {}
    judged = dict.fromkeys(_judged(kind, after, unknown))
    yield from judged if actions != ["update"] else _new(kind, change.get("before") or {}, after, judged)


def _new(kind: str, before: Values, after: Values, judged: Iterable[Told]) -> Iterator[Told]:
    """What a change in place brings."""
    known = set(_judged(kind, before, {}))
    yield from (told for told in judged if told not in known and told[0] != "no-deletion-protection")
    for name in _GUARDS:
        if before.get(name) is True and after.get(name) is False:
            yield "switched-off", Severity.HIGH, f"{name} is turned off"


def _judged(kind: str, values: Values, unknown: Any) -> Iterator[Told]:
    for rule in _RULES:
        yield from rule(kind, values, unknown if isinstance(unknown, Mapping) else {})


def _deleted(kind: str) -> Iterator[Told]:
    if kind in ("aws_kms_key", "aws_kms_replica_key"):
        yield "key-deletion", Severity.HIGH, "the key is scheduled for deletion: what it encrypts cannot be read then"


_WEB = (80, 443)
_ANYWHERE = ("0.0.0.0/0", "::/0")


def _open_to_all(kind: str, values: Values, unknown: Values) -> Iterator[Told]:
    for rule in _ingress(kind, values):
        named = [rule.get("cidr_ipv4"), rule.get("cidr_ipv6"), *(rule.get("cidr_blocks") or ())]
        anywhere = sorted({cidr for cidr in (*named, *(rule.get("ipv6_cidr_blocks") or ())) if cidr in _ANYWHERE})
        first, last = rule.get("from_port"), rule.get("to_port")
        how = Severity.MEDIUM if first == last and first in _WEB else Severity.HIGH
        for cidr in anywhere:
            yield "open-to-all", how, f"{_ports(first, last)} open to {cidr}"


def _ingress(kind: str, values: Values) -> list[Values]:
    if kind == "aws_vpc_security_group_ingress_rule":
        return [values]
    if kind == "aws_security_group_rule":
        return [values] if values.get("type") == "ingress" else []
    inline = kind in ("aws_security_group", "aws_default_security_group")
    return [rule for rule in values.get("ingress") or () if isinstance(rule, Mapping)] if inline else []


def _ports(first: Any, last: Any) -> str:
    if first in (None, -1) or (first, last) == (0, 0):
        return "every port is"
    return f"port {first} is" if first == last else f"ports {first} to {last} are"


_ENCRYPTED = {
    "aws_db_instance": ("storage_encrypted",),
    "aws_ebs_encryption_by_default": ("enabled",),
    "aws_ebs_volume": ("encrypted",),
    "aws_efs_file_system": ("encrypted",),
    "aws_elasticache_replication_group": ("at_rest_encryption_enabled", "transit_encryption_enabled"),
    "aws_rds_cluster": ("storage_encrypted",),
}


def _unencrypted(kind: str, values: Values, unknown: Values) -> Iterator[Told]:
    for name in _ENCRYPTED.get(kind, ()):
        if str(values.get(name)).lower() == "false":
            yield "no-encryption", Severity.HIGH, f"{name} is off"


def _public(kind: str, values: Values, unknown: Values) -> Iterator[Told]:
    if values.get("publicly_accessible") is True:
        yield "public", Severity.HIGH, "publicly_accessible: reachable from the internet"
    if kind in ("aws_s3_bucket_public_access_block", "aws_s3_account_public_access_block"):
        off = [name for name in _S3_BLOCKS if values.get(name) is not True]
        if off:
            yield "public", Severity.HIGH, f"public access to buckets is not blocked: {', '.join(off)}"
    if kind == "aws_eks_cluster":
        for config in values.get("vpc_config") or ():
            if config.get("endpoint_public_access") and "0.0.0.0/0" in (config.get("public_access_cidrs") or ()):
                yield "public", Severity.HIGH, "the Kubernetes API is open to 0.0.0.0/0"


_S3_BLOCKS = ("block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets")


def _unprotected(kind: str, values: Values, unknown: Values) -> Iterator[Told]:
    for name in ("deletion_protection", "enable_deletion_protection", "deletion_protection_enabled"):
        if values.get(name) is False:
            yield "no-deletion-protection", Severity.MEDIUM, f"{name} is off"
    if kind in ("aws_db_instance", "aws_rds_cluster"):
        if values.get("backup_retention_period") == 0:
            yield "no-backups", Severity.HIGH, "backup_retention_period 0 turns automated backups off"
        if values.get("skip_final_snapshot") is True:
            yield "no-final-snapshot", Severity.MEDIUM, "skip_final_snapshot: deleting it keeps no snapshot"


_POLICIES = ("policy", "inline_policy", "assume_role_policy", "repository_policy")


def _too_much(kind: str, values: Values, unknown: Values) -> Iterator[Told]:
    for name in _POLICIES:
        if unknown.get(name) is True and (kind.endswith("_policy") or name == "assume_role_policy"):
            yield "not-judged", Severity.LOW, f"{name} is known only after the apply"
        for statement in _statements(values.get(name)):
            if _grants_all(statement):
                yield "all-rights", Severity.HIGH, f"{name} allows every action on every resource"
            if _trusts_all(statement):
                yield "trusts-all", Severity.HIGH, f"{name} lets everybody in, without a condition"


def _statements(text: Any) -> list[Values]:
    try:
        found = json.loads(text).get("Statement", []) if isinstance(text, str) else []
    except (ValueError, AttributeError):
        return []
    statements = found if isinstance(found, list) else [found]
    return [one for one in statements if isinstance(one, Mapping) and one.get("Effect") == "Allow"]


def _grants_all(statement: Values) -> bool:
    """A key's own policy says `kms:*` on `*`, and means that key: the principal is named there."""
    actions, resources = _listed(statement.get("Action")), _listed(statement.get("Resource"))
    return bool({"*", "*:*"} & set(actions)) and "*" in resources


def _trusts_all(statement: Values) -> bool:
    principal = statement.get("Principal")
    named = principal.get("AWS") if isinstance(principal, Mapping) else principal
    return "*" in _listed(named) and not statement.get("Condition")


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _untagged(kind: str, values: Values, unknown: Values) -> Iterator[Told]:
    tags = values.get("tags_all")
    lacking = [name for name in REQUIRED_TAGS if name not in tags] if isinstance(tags, Mapping) else []
    if lacking:
        yield "untagged", Severity.LOW, f"lacks the tags {', '.join(lacking)}"


_GUARDS = ("deletion_protection", "enable_deletion_protection", "enable_key_rotation", "enable_log_file_validation")

_RULES: tuple[Callable[[str, Values, Values], Iterator[Told]], ...] = (
    _open_to_all, _unencrypted, _public, _unprotected, _too_much, _untagged,
)  # fmt: skip
