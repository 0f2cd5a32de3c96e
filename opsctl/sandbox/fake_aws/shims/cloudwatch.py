"""CloudWatch: composite alarms, which moto keeps and shows beside metric alarms, but lets nobody make."""

from __future__ import annotations


def install() -> None:
    from moto.cloudwatch.responses import CloudWatchResponse

    setattr(CloudWatchResponse, "put_composite_alarm", CloudWatchResponse.put_metric_alarm)  # noqa: B010 (as in s3.py)
