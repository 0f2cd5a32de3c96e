"""Service Quotas: moto knows those of VPC alone, and a pre-flight asks for two of EC2."""

from __future__ import annotations

from typing import Any

_EC2 = {
    "L-0263D0A3": ("EC2-VPC Elastic IPs", 5.0),
    "L-1216C47A": ("Running On-Demand Standard (A, C, D, H, I, M, R, T, Z) instances", 64.0),
}


def install() -> None:
    from moto.servicequotas.models import ServiceQuotasBackend

    stock = ServiceQuotasBackend.get_service_quota

    def get_service_quota(backend: Any, service_code: str, quota_code: str) -> Any:
        if service_code != "ec2" or quota_code not in _EC2:
            return stock(backend, service_code, quota_code)
        name, value = _EC2[quota_code]
        return {"ServiceCode": "ec2", "QuotaCode": quota_code, "QuotaName": name, "Value": value, "Adjustable": True}

    setattr(ServiceQuotasBackend, "get_service_quota", get_service_quota)  # noqa: B010 (a type error otherwise)
