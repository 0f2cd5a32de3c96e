"""Questions about quotas, asked of stock moto and of ours; see `moto_probes`."""

from __future__ import annotations

from collections.abc import Callable

from moto_probes import Client


def quota_of_addresses(client: Client) -> bool:
    found = client("service-quotas").get_service_quota(ServiceCode="ec2", QuotaCode="L-0263D0A3")
    return bool(found["Quota"]["Value"] == 5)


def quota_of_processors(client: Client) -> bool:
    found = client("service-quotas").get_service_quota(ServiceCode="ec2", QuotaCode="L-1216C47A")
    return bool(found["Quota"]["Value"] > 0)


PROBES: list[Callable[[Client], bool]] = [quota_of_addresses, quota_of_processors]
