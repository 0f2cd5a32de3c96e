"""What kind of refusal it is, by sentences as provider 5.100.0 writes them."""

from __future__ import annotations

import pytest

from opsctl.core.apply_events import Trouble
from opsctl.core.aws_errors import MEANING, PASSING, REMEDY, Cause, cause, passing
from opsctl.core.infra_errors import card, explain, sentence

HEAD = "https response error StatusCode: "


def rest(service: str, operation: str, code: str, said: str = "x", status: int = 400) -> str:
    doing = f"doing: operation error {service}: {operation}, {HEAD}{status}, RequestID: 1a-2b, "
    return f"{doing}{code}: {said}" if code else doing


def query(service: str, operation: str, code: str, said: str = "x", status: int = 400) -> str:
    return f"doing: operation error {service}: {operation}, {HEAD}{status}, RequestID: 1a, api error {code}: {said}"


@pytest.mark.parametrize(
    ("summary", "expected"),
    [
        (query("EC2", "CreateVpc", "RequestLimitExceeded", status=503), Cause.THROTTLED),
        (rest("ECR", "CreateRepository", "ThrottlingException"), Cause.THROTTLED),
        (query("S3", "PutBucketPolicy", "SlowDown", status=503), Cause.THROTTLED),
        (rest("EKS", "CreateAddon", "TooManyRequestsException", status=429), Cause.THROTTLED),
        (rest("Backup", "CreateBackupPlan", "", status=429), Cause.THROTTLED),
        (query("EC2", "CreateVpc", "VpcLimitExceeded"), Cause.QUOTA),
        (query("EC2", "AllocateAddress", "AddressLimitExceeded"), Cause.QUOTA),
        (rest("KMS", "CreateKey", "LimitExceededException"), Cause.QUOTA),
        (query("RDS", "CreateDBInstance", "InstanceQuotaExceeded"), Cause.QUOTA),
        (rest("Secrets Manager", "CreateSecret", "ServiceQuotaExceededException"), Cause.QUOTA),
        (rest("ECR", "CreateRepository", "RepositoryAlreadyExistsException"), Cause.CONFLICT),
        (query("IAM", "CreateRole", "EntityAlreadyExists", status=409), Cause.CONFLICT),
        (query("S3", "CreateBucket", "BucketAlreadyOwnedByYou", status=409), Cause.CONFLICT),
        (query("EC2", "CreateSecurityGroup", "InvalidGroup.Duplicate"), Cause.CONFLICT),
        (query("EC2", "AssociateRouteTable", "Resource.AlreadyAssociated"), Cause.CONFLICT),
        (query("EC2", "DeleteVpc", "DependencyViolation"), Cause.IN_USE),
        (query("IAM", "DeleteRole", "DeleteConflict", status=409), Cause.IN_USE),
        (rest("EKS", "DeleteCluster", "ResourceInUseException", status=409), Cause.IN_USE),
        (query("EC2", "CreateSubnet", "InvalidVpcID.NotFound"), Cause.CONSISTENCY),
        (query("EC2", "AuthorizeSecurityGroupIngress", "InvalidGroup.NotFound"), Cause.CONSISTENCY),
        (
            rest("EKS", "CreateNodegroup", "InvalidParameterException", "Role arn:aws:iam::1:role/n cannot be assumed"),
            Cause.CONSISTENCY,
        ),
        (rest("KMS", "PutKeyPolicy", "MalformedPolicyDocumentException", "invalid principals"), Cause.CONSISTENCY),
        ("reading EC2 VPC (vpc-1): couldn't find resource", Cause.CONSISTENCY),
        (query("STS", "GetCallerIdentity", "ExpiredToken", status=403), Cause.EXPIRED),
        (rest("EKS", "DescribeCluster", "UnrecognizedClientException", status=403), Cause.EXPIRED),
        ("configuring Terraform AWS Provider: no valid credential sources for it found.", Cause.EXPIRED),
        (query("EC2", "RunInstances", "UnauthorizedOperation", status=403), Cause.DENIED),
        (rest("KMS", "CreateKey", "AccessDeniedException"), Cause.DENIED),
        (
            query("STS", "AssumeRole", "AccessDenied", "User is not authorized to perform: sts:AssumeRole", 403),
            Cause.DENIED,
        ),
        (
            "creating KMS Key: operation error KMS: CreateKey, exceeded maximum number of attempts, 2, https response "
            'error StatusCode: 0, RequestID: , request send failed, Post "http://127.0.0.1:1/": connection refused',
            Cause.NO_ANSWER,
        ),
        (rest("EKS", "CreateCluster", "ServerException", status=500), Cause.NO_ANSWER),
        ("waiting for RDS DB Instance (x) create: timeout while waiting for state", Cause.TIMEOUT),
        (rest("RDS", "CreateDBInstance", "InvalidParameterCombination", "no such class"), Cause.REAL),
        ("Invalid value for variable", Cause.REAL),
    ],
)  # fmt: skip
def test_a_refusal_has_a_cause(summary: str, expected: Cause) -> None:
    assert cause(Trouble(summary)) is expected


def test_every_cause_has_a_meaning_and_a_remedy() -> None:
    assert set(REMEDY) == set(Cause)
    assert set(MEANING) == set(Cause) - {Cause.REAL}


def test_only_what_passes_by_itself_and_all_of_it_is_tried_again() -> None:
    throttled, real = Trouble(query("EC2", "CreateVpc", "RequestLimitExceeded")), Trouble("Invalid value")
    assert passing([throttled])
    assert not passing([throttled, real])
    assert not passing([])
    assert Cause.EXPIRED not in PASSING


def test_a_card_says_where_what_and_what_would_help() -> None:
    trouble = Trouble(rest("ECR", "CreateRepository", "RepositoryAlreadyExistsException", "it exists"), address="m.r.x")
    assert sentence(trouble).splitlines() == [
        "m.r.x: AWS ECR refused CreateRepository: RepositoryAlreadyExistsException (HTTP 400)",
        f"      {trouble.summary}",
        "      conflict: it exists already, and this state does not know it",
        f"      remedy: {REMEDY[Cause.CONFLICT]}",
    ]
    found = card(trouble)
    assert (found["address"], found["cause"], found["code"]) == (
        "m.r.x",
        "conflict",
        "RepositoryAlreadyExistsException",
    )
    assert found["remedy"] == REMEDY[Cause.CONFLICT]


def test_one_cause_of_all_is_what_to_do_next() -> None:
    quota = Trouble(query("EC2", "CreateVpc", "VpcLimitExceeded"))
    assert explain("the plan", [quota, quota], state="s").hint == REMEDY[Cause.QUOTA]
    assert "correct what is named" in explain("the plan", [quota, Trouble("Invalid value")], state="s").hint
