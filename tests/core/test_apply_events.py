"""What an apply has done, and what AWS refused, from recorded events of Terraform 1.11.4 and provider 5.100.0."""

from __future__ import annotations

from functools import reduce
from typing import Any

import pytest

from opsctl.core.apply_events import Applied, AwsError, advance, parse_aws_error, parse_lock

AT = "2026-11-22T14:01:23.108228Z"


def planned(address: str, action: str) -> dict[str, Any]:
    return {"type": "planned_change", "change": {"resource": {"addr": address}, "action": action}}


def hook(kind: str, address: str, action: str) -> dict[str, Any]:
    return {"type": kind, "@timestamp": AT, "hook": {"resource": {"addr": address}, "action": action}}


def error(summary: str, detail: str = "", **more: Any) -> dict[str, Any]:
    return {"type": "diagnostic", "diagnostic": {"severity": "error", "summary": summary, "detail": detail, **more}}


def after(*events: dict[str, Any]) -> Applied:
    return reduce(advance, events, Applied())


def test_counts_steps_and_keeps_what_is_running() -> None:
    applied = after(
        planned("a", "create"), planned("b", "replace"), planned("c", "noop"), planned("d", "read"),
        hook("apply_start", "b", "delete"), hook("apply_complete", "b", "delete"),
        hook("apply_start", "b", "create"), hook("apply_start", "a", "create"), hook("apply_complete", "a", "create"),
        hook("apply_start", "data.x.y", "read"),
        {"type": "something_new"}, {"type": "tick"},
    )  # fmt: skip
    assert (applied.planned, applied.started, applied.done) == (3, 3, 2)
    assert (applied.added, applied.destroyed) == (("a",), ("b",))
    assert list(applied.running) == ["b"]
    assert applied.running["b"].since.isoformat() == "2026-11-22T14:01:23.108228+00:00"


def test_an_interrupt_before_the_first_start_has_changed_nothing() -> None:
    assert after({"type": "log"}, planned("a", "create"), planned("b", "create")).started == 0


def test_failures_are_kept_with_their_place() -> None:
    place = {"filename": "modules/registry/main.tf", "start": {"line": 7}}
    applied = after(
        hook("apply_start", "a", "create"),
        hook("apply_errored", "a", "create"),
        error("creating ECR Repository (dup): failed", address="a", range=place),
        {"type": "diagnostic", "diagnostic": {"severity": "warning", "summary": "only a warning"}},
    )
    assert applied.failed == ("a",)
    assert not applied.running
    assert [(t.address, t.place) for t in applied.troubles] == [("a", "modules/registry/main.tf:7")]


@pytest.mark.parametrize(
    ("summary", "expected"),
    [
        (
            "creating ECR Repository (dup): operation error ECR: CreateRepository, https response error "
            "StatusCode: 400, RequestID: 1234-ab, RepositoryAlreadyExistsException: The repository already exists",
            AwsError("ECR", "CreateRepository", 400, "RepositoryAlreadyExistsException"),
        ),
        (
            "creating Subnet: operation error EC2: CreateSubnet, https response error StatusCode: 400, RequestID: x, "
            "api error InvalidVpcID.NotFound: VpcID {vpc-1} does not exist.",
            AwsError("EC2", "CreateSubnet", 400, "InvalidVpcID.NotFound"),
        ),
        (
            "reading S3 Bucket (b): operation error S3: HeadBucket, https response error StatusCode: 403, "
            "RequestID: r, HostID: h, api error Forbidden: Forbidden",
            AwsError("S3", "HeadBucket", 403, "Forbidden"),
        ),
        (
            "reading S3 Bucket (b): operation error S3: GetBucketTagging, https response error StatusCode: 404, "
            "RequestID: r, HostID: h, NoSuchBucket: The bucket does not exist",
            AwsError("S3", "GetBucketTagging", 404, "NoSuchBucket"),
        ),
        (
            "error loading state: operation error S3: ListObjectsV2, exceeded maximum number of attempts, 5, https "
            'response error StatusCode: 0, RequestID: , HostID: , request send failed, Get "http://127.0.0.1:1/b"',
            AwsError("S3", "ListObjectsV2", 0, ""),
        ),
        (
            "creating KMS Key: operation error KMS: CreateKey, exceeded maximum number of attempts, 2, https response "
            'error StatusCode: 0, RequestID: , request send failed, Post "http://127.0.0.1:1/": connection refused',
            AwsError("KMS", "CreateKey", 0, ""),
        ),
    ],
)
def test_aws_errors_are_taken_apart(summary: str, expected: AwsError) -> None:
    assert parse_aws_error(summary) == expected


def test_only_what_was_being_created_is_half_made() -> None:
    """Whatever was there before may be full of data."""
    events = (
        *(hook("apply_start", name, action) for name, action in (("new", "create"), ("old", "update"))),
        *(hook("apply_start", name, action) for name, action in (("a", "create"), ("b", "update"), ("c", "delete"))),
        *(hook("apply_errored", name, action) for name, action in (("a", "create"), ("b", "update"), ("c", "delete"))),
    )
    applied = reduce(advance, events, Applied())
    assert applied.halfway == ("a", "b", "c", "new", "old")
    assert applied.half_made == ("a", "new")


def test_other_sentences_are_left_alone() -> None:
    assert parse_aws_error("Invalid value for variable") is None
    assert parse_lock("Error: ID:   not about locks") is None


def test_the_lock_holder_is_read() -> None:
    lock = parse_lock(
        """Error acquiring the state lock
operation error S3: PutObject, https response error StatusCode: 412, api error PreconditionFailed
Lock Info:
  ID:        5f0aa1d8-7b5b-5e7e-9c5e-0b5f6f1a6f1f
  Path:      bucket/dev/terraform.tfstate
  Operation: OperationTypeApply
  Who:       ana@build-7
  Version:   1.11.4
  Created:   2026-11-22 12:28:01.123456789 +0000 UTC
"""
    )
    assert lock is not None
    assert (lock.who, lock.operation, lock.created) == ("ana@build-7", "OperationTypeApply", "2026-11-22 12:28:01 UTC")
