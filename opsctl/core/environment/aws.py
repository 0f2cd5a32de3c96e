"""Where it is built, by which credentials, and where Terraform keeps what it knows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, ClassVar

from annotated_types import Ge, Le, Len, Predicate

from opsctl.core import formats
from opsctl.core.environment.types import STRICT, Text


@dataclass(frozen=True)
class Aws:
    __pydantic_config__: ClassVar[dict[str, str]] = dict(STRICT)

    account_id: Annotated[str, Len(12, 12), Predicate(formats.digits)] | None = None
    """The account everything is created in; Terraform refuses any other. Needed by plan and provision."""
    region: Annotated[str, Predicate(formats.region)] = "us-east-1"
    """Home region."""
    dr_region: Annotated[str, Predicate(formats.region)] = "us-west-2"
    """Region that holds copies of backups, secrets and images; under the same law as the home region."""
    permissions_boundary_arn: Annotated[str, Predicate(formats.policy_arn)] | None = None
    """IAM policy that bounds every role that Terraform makes, where the account demands one."""
    profile: Text | None = None
    """Profile of the AWS configuration that holds credentials (and, where needed, `endpoint_url`)."""
    config_file: Text | None = None
    """AWS configuration file to use instead of ~/.aws/config, relative to the project."""
    emulated: bool = False
    """The endpoint is an emulator, not AWS: path-style S3, no region and metadata checks, few retries."""
    tags: dict[Annotated[str, Predicate(formats.tag)], Annotated[str, Len(0, 256), Predicate(formats.tag_value)]] = (
        field(default_factory=dict)
    )
    """Tags put on everything, beside application, environment and managed-by."""


@dataclass(frozen=True)
class State:
    __pydantic_config__: ClassVar[dict[str, str]] = dict(STRICT)

    bucket: Annotated[str, Len(3, 63), Predicate(formats.bucket)] | None = None
    """S3 bucket of Terraform's state. Default: `<application>-tfstate-<account>-<region>`."""
    key: Annotated[str, Len(1, 1024), Predicate(formats.object_key)] | None = None
    """Object key of the state. Default: `<environment>/terraform.tfstate`."""


@dataclass(frozen=True)
class Terraform:
    __pydantic_config__: ClassVar[dict[str, str]] = dict(STRICT)

    binary: Text = "terraform"
    """Program to run; a name on PATH or a path."""
    plan_valid_minutes: Annotated[int, Ge(1), Le(1440)] = 60
    """How long a saved plan may be applied."""
