"""Environment → where Terraform keeps its state, and what its provider must know of an emulated AWS."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from opsctl.core.environment import Environment

# An emulator serves buckets by path, and knows neither accounts nor instance metadata.
_EMULATED_BACKEND = {
    "use_path_style": True,
    "skip_credentials_validation": True,
    "skip_requesting_account_id": True,
    "skip_metadata_api_check": True,
}
_EMULATED_PROVIDER = {
    "max_retries": 2,  # an operation that the emulator lacks would otherwise cost minutes
    "s3_use_path_style": True,
    "skip_region_validation": True,
    "skip_metadata_api_check": True,
}


ALIASES = ("dr", "us_east_1")
"""Providers of other regions in the root module; the state bucket's root has none."""


def backend(environment: Environment) -> dict[str, Any]:
    """The complete backend block. Without an account there is no bucket yet; Terraform then asks for it.

    No `encrypt`: without a key beside it, Terraform would ask for S3's own encryption (AES256) with every write and so
    override the bucket's, which is by the KMS key that `terraform/bootstrap` made.
    """
    settings: dict[str, Any] = {
        "key": environment.state.key,
        "region": environment.aws.region,
        "use_lockfile": True,
    }
    if environment.state.bucket is not None:
        settings["bucket"] = environment.state.bucket
    if environment.aws.emulated:
        settings |= _EMULATED_BACKEND
    return {"terraform": {"backend": {"s3": settings}}}


def provider_override(environment: Environment, aliases: Sequence[str] = ALIASES) -> dict[str, Any] | None:
    """Settings laid over the providers' for an emulator; None for AWS itself. Flags only, never a lifecycle."""
    if not environment.aws.emulated:
        return None
    named = [_EMULATED_PROVIDER | {"alias": alias} for alias in aliases]
    return {"provider": {"aws": [dict(_EMULATED_PROVIDER), *named]}}
