"""Credentials of somebody else are refused with what differs."""

from __future__ import annotations

import pytest

from opsctl.core.account import Caller, check_caller
from opsctl.errors import Refused

ANA = Caller("123456789012", "arn:aws:iam::123456789012:user/ana")


def test_the_right_account_says_nothing() -> None:
    check_caller(ANA, "123456789012", "eu-west-1")
    check_caller(Caller("123456789012", "arn:aws-cn:iam::123456789012:user/ana"), "123456789012", "cn-north-1")


def test_another_account_is_refused_with_both_and_who_asks() -> None:
    with pytest.raises(Refused, match=r"another account than the environment's aws\.account_id") as error:
        check_caller(ANA, "210987654321", "us-east-1")
    assert error.value.message.splitlines()[1:] == [
        "    account   210987654321 in the environment file, 123456789012 by the credentials",
        "    caller    arn:aws:iam::123456789012:user/ana",
    ]


@pytest.mark.parametrize(("arn", "region"), [("arn:aws:iam::1:user/a", "cn-north-1"), ("arn:aws-cn:x", "eu-west-1")])
def test_a_region_of_another_partition_is_refused(arn: str, region: str) -> None:
    with pytest.raises(Refused, match="another partition of AWS"):
        check_caller(Caller("123456789012", arn), "123456789012", region)
