"""Queries against a server that speaks Prometheus' HTTP API, and against an emulated CloudWatch."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from opsctl.core.environment import Aws, Environment, Release
from opsctl.core.queries import Figure
from opsctl.tools.queries.asking import Asking, open_queries
from opsctl.tools.queries.cloudwatch import CloudWatch
from opsctl.tools.queries.prometheus import NoData, Prometheus


def success(kind: str, result: Any) -> tuple[int, Any]:
    return 200, {"status": "success", "data": {"resultType": kind, "result": result}}


def vector(*values: str) -> tuple[int, Any]:
    return success("vector", [{"metric": {"pod": str(n)}, "value": [1700000000, v]} for n, v in enumerate(values)])


ANSWERS: dict[str, tuple[int, Any]] = {
    'sum(rate(errors{a="b"}[1m]))': vector("0.25"),
    "by_pod": vector("1", "NaN", "3"),
    "scalar(x)": success("scalar", [1700000000, "7"]),
    "nobody": vector(),
    "nan": vector("NaN"),
    "x[1m]": success("matrix", []),
    "bad(": (400, {"status": "error", "errorType": "bad_data", "error": "parse error: unclosed"}),
    "list": (200, [1]),
    "html": (502, None),
}


class Server(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        assert parts.path == "/api/v1/query"
        status, body = ANSWERS[parse_qs(parts.query)["query"][0]]
        self.send_response(status)
        self.end_headers()
        self.wfile.write(b"<html>" if body is None else json.dumps(body).encode())

    def log_message(self, format: str, *args: Any) -> None:
        return


@pytest.fixture(scope="module")
def prometheus() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Server)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(
    ("expression", "values"),
    [('sum(rate(errors{a="b"}[1m]))', [0.25]), ("by_pod", [1.0, 3.0]), ("scalar(x)", [7.0])],
)
def test_prometheus_gives_numbers(prometheus: str, expression: str, values: list[float]) -> None:
    assert Prometheus(prometheus).values(expression) == values


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ("nobody", "no data"),
        ("nan", "no data"),
        ("x[1m]", "gives a matrix"),
        ("bad(", "parse error: unclosed"),
        ("list", "HTTP 200"),
        ("html", "no answer from"),
    ],
)
def test_prometheus_has_none(prometheus: str, expression: str, words: str) -> None:
    with pytest.raises(NoData) as raised:
        Prometheus(prometheus).values(expression)
    assert words in str(raised.value)


def test_nobody_listens() -> None:
    with pytest.raises(NoData, match="no answer from"):
        Prometheus("http://127.0.0.1:9").values("up")


@pytest.fixture
def cloudwatch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[CloudWatch]:
    """Three requests failed at one balancer a minute ago."""
    from moto import mock_aws

    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    with mock_aws():
        made = CloudWatch(Aws(account_id="123456789012"), tmp_path)
        a_minute_ago = datetime.now(UTC) - timedelta(seconds=60)
        dimensions = [{"Name": "LoadBalancer", "Value": "app/x/1"}]
        data = {"MetricName": "Failed", "Dimensions": dimensions, "Value": 3.0, "Timestamp": a_minute_ago}
        made._open().put_metric_data(Namespace="AWS/ELB", MetricData=[data])
        yield made


def test_cloudwatch_gives_the_latest_value(cloudwatch: CloudWatch) -> None:
    assert cloudwatch.values("AWS/ELB Failed Sum LoadBalancer=app/x/1") == [3.0]


@pytest.mark.parametrize("expression", ["AWS/ELB Failed Sum LoadBalancer=app/y/2", "AWS/ELB Other Sum"])
def test_cloudwatch_has_no_data(cloudwatch: CloudWatch, expression: str) -> None:
    with pytest.raises(NoData, match="no data"):
        cloudwatch.values(expression)


def test_cloudwatch_without_credentials(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    with pytest.raises(NoData, match="no answer from CloudWatch"):
        CloudWatch(Aws(), tmp_path).values("AWS/ELB Failed Sum")


def answered(asking: Asking, *queries: str) -> dict[str, Figure]:
    asking.begin([*queries])
    found: list[Figure] = []
    deadline = time.monotonic() + 10
    while len(found) < len(queries):
        found += asking.collect()
        assert time.monotonic() < deadline
        time.sleep(0.005)
    return {figure.query: figure for figure in found}


def test_figures(prometheus: str, tmp_path: Path) -> None:
    asking = open_queries(Environment("test", release=Release(prometheus_url=prometheus)), tmp_path)
    low, high, none = "prometheus: by_pod < 5", "prometheus: by_pod > 0", "prometheus: nobody < 1"
    found = answered(asking, low, high, none)
    assert (found[low].value, found[high].value, found[none].value) == (3.0, 1.0, None)
    assert found[none].why == "no data"
    assert abs(found[low].at - time.time()) < 60


def test_a_source_that_hangs_is_asked_once_and_holds_up_no_other() -> None:
    released = threading.Event()

    class Hangs:
        asked = 0

        def values(self, expression: str) -> list[float]:
            self.asked += 1
            released.wait(10)
            return [1.0]

    hangs = Hangs()
    asking = Asking({"prometheus": hangs})
    asking.begin(["prometheus: x < 1"])
    asking.begin(["prometheus: x < 1"])
    assert "cannot be asked from here" in answered(asking, "cloudwatch: A B Sum < 1").popitem()[1].why
    released.set()
    until(lambda: len(asking.collect()) == 1)
    assert hangs.asked == 1


def test_a_defect_is_no_figure() -> None:
    class Broken:
        def values(self, expression: str) -> list[float]:
            raise KeyError("oops")

    found = answered(Asking({"prometheus": Broken()}), "prometheus: x < 1").popitem()[1]
    assert (found.value, found.why) == (None, "KeyError: 'oops'")


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)
