"""RDS: settings that moto forgets, parameters without a source, and one resource id for every instance."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

from opsctl.sandbox.fake_aws.shims.hooks import after

_INSIGHTS = {
    "DatabaseInsightsMode": "database_insights_mode",
    "EnablePerformanceInsights": "performance_insights_enabled",
    "PerformanceInsightsKMSKeyId": "performance_insights_kms_key_id",
    "PerformanceInsightsRetentionPeriod": "performance_insights_retention_period",
}


def install() -> None:
    from moto.rds.responses import RDSResponse

    after(RDSResponse, "create_db_instance", _give_own_id)
    after(RDSResponse, "create_db_instance", _remember_insights)
    after(RDSResponse, "modify_db_instance", _remember_insights)
    after(RDSResponse, "describe_db_parameters", _name_source)


def _give_own_id(_: Any, answer: dict[str, Any]) -> None:
    instance = answer["DBInstance"]
    digest = base64.b32encode(hashlib.sha256(instance.arn.encode()).digest()).decode()
    instance.dbi_resource_id = f"db-{digest[:26]}"


def _remember_insights(response: Any, answer: dict[str, Any]) -> None:
    for member, attribute in _INSIGHTS.items():
        if member in response.params:
            setattr(answer["DBInstance"], attribute, response.params[member])


def _name_source(_: Any, answer: dict[str, Any]) -> None:
    """moto lists only parameters that were set, so each has been set by the user."""
    for parameter in answer["Parameters"]:
        parameter.setdefault("Source", "user")
