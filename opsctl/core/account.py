"""Whose credentials these are, against what the environment says."""

from __future__ import annotations

from dataclasses import dataclass

from opsctl.errors import Refused

_PARTITIONS = {"cn-": "aws-cn", "us-gov-": "aws-us-gov"}


@dataclass(frozen=True)
class Caller:
    """As AWS names whoever asks: `arn` of the user or of the assumed role."""

    account: str
    arn: str


def check_caller(caller: Caller, account: str, region: str) -> None:
    """Raise Refused, with each thing that differs, where these credentials are not the environment's."""
    differing = _differing(caller, account, region)
    if not differing:
        return
    lines = "".join(f"\n    {line}" for line in differing)
    raise Refused(
        f"these AWS credentials belong to {_other(caller, account)}:{lines}\n    caller    {caller.arn}",
        state="Nothing was changed.",
        hint="choose other credentials (aws.profile), or correct aws.account_id, aws.region; opsctl doctor asks again",
    )


def partition(region: str) -> str:
    """The part of AWS that a region is in; an account is in one."""
    return next((name for start, name in _PARTITIONS.items() if region.startswith(start)), "aws")


def _other(caller: Caller, account: str) -> str:
    if caller.account != account:
        return "another account than the environment's aws.account_id"
    return "another partition of AWS than the environment's aws.region"


def _differing(caller: Caller, account: str, region: str) -> list[str]:
    wanted = partition(region)
    found = caller.arn.split(":")[1] if caller.arn.startswith("arn:") else wanted
    rows = (("account", account, caller.account), ("partition", wanted, found))
    return [
        f"{name:<9} {ours} in the environment file, {theirs} by the credentials"
        for name, ours, theirs in rows
        if ours != theirs
    ]
