"""What kind of refusal an error of Terraform's is, and what would likely help.

Recognised by AWS's error codes, which are an interface; by words only where the provider itself gave up. What nobody
recognises is `real`: it is never tried again.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from enum import StrEnum

from opsctl.core.apply_events import Trouble


class Cause(StrEnum):
    THROTTLED = "throttled"
    CONSISTENCY = "eventual consistency"
    EXPIRED = "expired credentials"
    QUOTA = "quota"
    CONFLICT = "conflict"
    IN_USE = "in use"
    DENIED = "denied"
    NO_ANSWER = "no answer"
    TIMEOUT = "timeout"
    REAL = "real"


MEANING = {
    Cause.THROTTLED: "AWS was asked faster than it allows",
    Cause.CONSISTENCY: "AWS does not know everywhere yet what was made a moment ago",
    Cause.EXPIRED: "the credentials are not valid, or no longer",
    Cause.QUOTA: "the account may have no more of these",
    Cause.CONFLICT: "it exists already, and this state does not know it",
    Cause.IN_USE: "something else still uses it",
    Cause.DENIED: "these credentials may not do that",
    Cause.NO_ANSWER: "AWS could not be reached, or failed itself",
    Cause.TIMEOUT: "AWS took longer than Terraform waits",
}

REMEDY = {
    Cause.THROTTLED: "wait some minutes, then opsctl provision",
    Cause.CONSISTENCY: "opsctl provision plans what is left and goes on",
    Cause.EXPIRED: "renew them (aws sso login, or new keys), then opsctl provision",
    Cause.QUOTA: "ask for more in Service Quotas, or delete what is not needed",
    Cause.CONFLICT: "delete or rename it, or take it over by an import block in the rendered directory",
    Cause.IN_USE: "remove what uses it, then the same command again",
    Cause.DENIED: "grant the action that AWS names, also in the permissions boundary and the organisation's policies",
    Cause.NO_ANSWER: "check the network, aws.region and the profile's endpoint_url, then the same command again",
    Cause.TIMEOUT: "look in the AWS console how far it is; opsctl provision goes on from there",
    Cause.REAL: "correct what AWS says, then opsctl provision",
}

PASSING = frozenset({Cause.THROTTLED, Cause.CONSISTENCY})
"""Gone by themselves after a while; only these are worth another try without a person."""

# By AWS error code, the first that matches: what throttles is often called a limit, too.
_CODES = (
    (Cause.THROTTLED, r"Throttl|TooManyRequests|RequestLimitExceeded|SlowDown|PriorRequestNotComplete"),
    (Cause.THROTTLED, r"ThroughputExceeded|RequestRateExceeded|BandwidthLimitExceeded"),
    (Cause.EXPIRED, r"ExpiredToken|RequestExpired|InvalidClientTokenId|UnrecognizedClient|TokenRefreshRequired"),
    (Cause.EXPIRED, r"InvalidAccessKeyId|SignatureDoesNotMatch|AuthFailure|InvalidToken|InvalidIdentityToken"),
    (Cause.DENIED, r"AccessDenied|Unauthorized|NotAuthorized|Forbidden|OptInRequired"),
    (Cause.QUOTA, r"LimitExceeded|QuotaExceeded|TooManyBuckets|TooManyEntities|CountExceeded|OutOfCapacity"),
    (Cause.QUOTA, r"InsufficientInstanceCapacity|InsufficientDBInstanceCapacity|MaximumExceeded|LimitReached"),
    (Cause.CONFLICT, r"AlreadyExist|AlreadyOwned|AlreadyAssociated|EntityExists|Duplicate|InUseByAnother|NameInUse"),
    (Cause.IN_USE, r"DependencyViolation|DeleteConflict|ResourceInUse|InUse$|BucketNotEmpty|HasAttached|NotEmpty"),
    (Cause.CONFLICT, r"^(ResourceConflictException|ConflictException|BucketAlready\w*)$"),
    (Cause.CONSISTENCY, r"OperationAborted|ConcurrentModification|IncorrectState|InvalidState$"),
    (Cause.CONSISTENCY, r"^Invalid(Group|SubnetID|VpcID|RouteTableID|AllocationID|NatGatewayID|InternetGatewayID)"),
    (Cause.CONSISTENCY, r"^(NoSuchEntity|InvalidInstanceProfile|InvalidRole|InvalidLaunchTemplateId)"),
)

# A role that was made a moment ago is not known to other services for seconds; each has words of its own for it.
_WORDS = (
    (Cause.CONSISTENCY, r"couldn't find resource|Root object was present, but now absent|found empty result"),
    (Cause.CONSISTENCY, r"cannot be assumed|could not assume|unable to assume"),
    (Cause.CONSISTENCY, r"Invalid principal in policy|invalid principals|role .* does not exist"),
    (
        Cause.EXPIRED,
        r"no valid credential sources|token (has|is) expired|SSO session|failed to refresh cached credentials",
    ),
    (Cause.TIMEOUT, r"timeout while waiting for|unexpected state '.*', wanted target"),
    (Cause.NO_ANSWER, r"connection refused|no such host|dial tcp|i/o timeout|connection reset by peer"),
)


def cause(trouble: Trouble) -> Cause:
    """Words that name a role unknown as yet come first: their codes say no more than that a value is wrong."""
    said = f"{trouble.summary} {trouble.detail}"
    worded = _first(_WORDS, said)
    if worded is Cause.CONSISTENCY or trouble.aws is None:
        return worded or Cause.REAL
    coded = _first(_CODES, trouble.aws.code)
    return coded or worded or _by_status(trouble.aws.status)


def passing(troubles: Collection[Trouble]) -> bool:
    """Whether all of them go by themselves."""
    return bool(troubles) and all(cause(trouble) in PASSING for trouble in troubles)


def _by_status(status: int) -> Cause:
    if status == 429:
        return Cause.THROTTLED
    return Cause.NO_ANSWER if status == 0 or status >= 500 else Cause.REAL


def _first(table: Sequence[tuple[Cause, str]], text: str) -> Cause | None:
    return next((found for found, pattern in table if re.search(pattern, text)), None)
