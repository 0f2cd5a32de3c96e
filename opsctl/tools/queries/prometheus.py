"""Prometheus: an instant query over its HTTP API."""

from __future__ import annotations

import json
import math
from typing import Any
from urllib.parse import urlencode

_LIMIT_S = 5.0


class NoData(Exception):
    """The question was understood, and there is no number to give; in words."""


class Prometheus:
    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")

    def values(self, expression: str) -> list[float]:
        """One number a series. Raises NoData, also where the server gives no answer or refuses the expression."""
        import urllib3

        try:
            answer = urllib3.request(
                "GET", f"{self.url}/api/v1/query?{urlencode({'query': expression})}", timeout=_LIMIT_S, retries=False
            )
            body = json.loads(answer.data)
        except (urllib3.exceptions.HTTPError, ValueError) as error:
            raise NoData(f"no answer from {self.url}: {error}") from error
        if not isinstance(body, dict) or body.get("status") != "success":
            raise NoData(f"{self.url} refused it: {_error(body, answer.status)}")
        found = [value for value in map(float, _numbers(body["data"])) if math.isfinite(value)]
        if not found:
            raise NoData("no data")
        return found


def _numbers(data: dict[str, Any]) -> list[str]:
    if data["resultType"] == "scalar":
        return [data["result"][1]]
    if data["resultType"] == "vector":
        return [series["value"][1] for series in data["result"]]
    raise NoData(f"it gives a {data['resultType']}, not one number a series")


def _error(body: Any, status: int) -> str:
    return str(body.get("error", f"HTTP {status}")) if isinstance(body, dict) else f"HTTP {status}"
