"""Secrets Manager: copies in other regions forget the key that they were to have."""

from __future__ import annotations

from typing import Any


def install() -> None:
    from moto.secretsmanager.models import FakeSecret

    original = FakeSecret.create_replicas

    def create_replicas(self: Any, replica_regions: list[dict[str, str]], force_overwrite: bool) -> Any:
        copies = original(self, replica_regions, force_overwrite)
        for copy, wanted in zip(copies, replica_regions, strict=True):
            copy.config["KmsKeyId"] = wanted.get("KmsKeyId") or copy.config["KmsKeyId"]
        return copies

    # replacing moto's method is the point of a shim
    FakeSecret.create_replicas = create_replicas  # type: ignore[method-assign]
