"""What moto 5.2.5 lacks for our Terraform to apply, and to plan without changes afterwards. One file a service.

A shim is a method on moto's response class, named after the operation: moto then parses the request and writes the
answer from botocore's model of the service. What a shim remembers lies on moto's backend, so that a reset forgets it
and a snapshot keeps it. For each, a test asks stock moto whether the hole is still there, and fails once it is not.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module

SHIMS = (
    "access_analyzer",
    "amp",
    "anomalies",
    "backup",
    "backup_restore_tests",
    "budgets",
    "cloudfront",
    "cloudwatch",
    "ec2",
    "eks_clusters",  # before its parts, which hook into what it makes
    "eks_access",
    "eks_addons",
    "eks_identities",
    "eks_tags",
    "elasticache",
    "elasticache_parts",
    "guardduty",
    "rds",
    "rds_copies",
    "s3",
    "secretsmanager",
    "securityhub",
    "service_quotas",
)


@cache
def install() -> None:
    """Puts every shim in place, once a process; must run before a server is made, as paths are read then."""
    for name in SHIMS:
        import_module(f"{__name__}.{name}").install()
