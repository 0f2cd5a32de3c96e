"""CloudWatch: the latest value of one metric, a minute at a time.

An expression is `NAMESPACE METRIC STATISTIC [DIMENSION=VALUE …]`.
"""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from opsctl.core.environment import Aws
from opsctl.tools.queries.prometheus import NoData

PERIOD_S = 60
_BACK_S = 300  # a metric arrives minutes late


class CloudWatch:
    def __init__(self, aws: Aws, project: Path) -> None:
        self.aws, self.project = aws, project
        self._client: Any = None
        self._opening = threading.Lock()

    def values(self, expression: str) -> list[float]:
        """The latest value. Raises NoData, also where AWS gives no answer or refuses the question."""
        from botocore.exceptions import BotoCoreError, ClientError

        namespace, metric, statistic, *dimensions = expression.split()
        now = datetime.now(UTC)
        try:
            answer = self._open().get_metric_statistics(
                Namespace=namespace, MetricName=metric, Statistics=[statistic], Period=PERIOD_S,
                Dimensions=[dict(zip(("Name", "Value"), d.split("=", 1), strict=True)) for d in dimensions],
                StartTime=now - timedelta(seconds=_BACK_S), EndTime=now,
            )  # fmt: skip
        except (BotoCoreError, ClientError) as error:
            raise NoData(f"no answer from CloudWatch: {error}") from error
        points = sorted(answer["Datapoints"], key=lambda point: point["Timestamp"])
        if not points:
            raise NoData("no data")
        return [float(points[-1][statistic])]

    def _open(self) -> Any:
        from opsctl.tools.aws import client

        with self._opening:
            if self._client is None:
                self._client = client("cloudwatch", self.aws, self.project)
        return self._client
