"""What a probe makes of an answer: the pod's own, the API server's about the pod, and none at all."""

from __future__ import annotations

import json
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
import websocket

from opsctl.core.color import Color
from opsctl.core.environment import Environment, FrontDoor, Release
from opsctl.core.health import Counts, DoorSample, Result, Sample, Service
from opsctl.core.snapshot import ColorState, Pod
from opsctl.errors import ToolFailed, Unreachable
from opsctl.tools import clock
from opsctl.tools.cluster import fresh, probes
from opsctl.tools.cluster.api import Answer
from opsctl.tools.cluster.connection import Connection
from opsctl.tools.cluster.front_door import FrontDoor as Door
from opsctl.tools.cluster.front_door import open_front_door
from opsctl.tools.cluster.heartbeat import Heartbeat
from opsctl.tools.cluster.names import Names
from opsctl.tools.cluster.probes import PodProber
from opsctl.tools.cluster.ways import ThroughServer

NAMES = Names("apps", "agent")
ENVIRONMENT = Environment(name="test", release=Release(probe_timeout=0.2, latency_limit=30.0))
METRICS = "\n".join(f"{name} 1" for name in ENVIRONMENT.services.metrics.required_series)
OK = Answer(200, {}, b"ok")


def status(code: int, message: str) -> Answer:
    """The API server speaking for itself."""
    return Answer(code, {}, json.dumps({"kind": "Status", "message": message}).encode())


class Api:
    """Answers by the port in the path; an exception is raised, a number of seconds is waited."""

    server = "https://cluster.test"

    def __init__(self) -> None:
        self.ports: dict[str, Any] = {"8000": OK, "8080": OK, "8001": Answer(200, {}, METRICS.encode())}
        self.paths: list[str] = []
        self.connection = SimpleNamespace(dial=lambda limit: None)

    def raw(self, method: str, path: str, *, headers: Any = None, timeout: float = 5.0) -> Answer:
        self.paths.append(path)
        answer = next(answer for port, answer in self.ports.items() if f":{port}/" in path)
        if isinstance(answer, Exception):
            raise answer
        if isinstance(answer, float):
            time.sleep(answer)
            return OK
        return answer

    def credentials(self) -> dict[str, str]:
        return {"authorization": "Bearer x"}


class Socket:
    """A WebSocket that says what it is told to."""

    def __init__(self, answer: Any) -> None:
        self.answer, self.closed = answer, False

    def send(self, text: str) -> None:
        self.sent = text

    def recv(self) -> str:
        if isinstance(self.answer, Exception):
            raise self.answer
        return str(self.answer or self.sent)

    def close(self, timeout: float) -> None:
        self.closed = True


@pytest.fixture
def api() -> Api:
    return Api()


@pytest.fixture
def upgrade(monkeypatch: pytest.MonkeyPatch) -> Callable[[Any], None]:
    """What the pod does when a WebSocket is opened; an echo unless said otherwise."""

    def upgrade(answer: Any) -> None:
        def connect(url: str, **options: Any) -> Socket:
            assert url.startswith("wss://cluster.test/api/v1/namespaces/apps/pods/http:p1:8080/proxy/ws")
            if isinstance(answer, Exception) and not isinstance(answer, websocket.WebSocketTimeoutException):
                raise answer
            return Socket(answer)

        monkeypatch.setattr(websocket, "create_connection", connect)

    upgrade(None)
    return upgrade


Probe = Callable[[Service], Sample]


@pytest.fixture
def prober(api: Api, upgrade: Callable[[Any], None]) -> Iterator[PodProber]:
    made = PodProber(ThroughServer(api, NAMES), Door(lambda path, limit: OK), ENVIRONMENT)  # type: ignore[arg-type]
    yield made
    for pool in made._pools.values():
        pool.shutdown()


@pytest.fixture
def probe(prober: PodProber) -> Probe:
    """One round on one pod; returns the sample of a service."""

    def one(service: Service) -> Sample:
        prober.begin({Color.GREEN: ColorState(Color.GREEN, pods=(Pod("p1", True, 0, "a:1"),))}, tuple(Service))
        found: list[Sample] = []
        deadline = time.monotonic() + 5
        while not [sample for sample in found if sample.service is service]:
            found += prober.collect()
            assert time.monotonic() < deadline
        return next(sample for sample in found if sample.service is service)

    return one


@pytest.mark.parametrize("service", list(Service))
def test_a_healthy_pod_passes(probe: Probe, service: Service) -> None:
    sample = probe(service)
    assert (sample.result, sample.pod, sample.color, sample.detail) == (Result.PASSED, "p1", Color.GREEN, "")


@pytest.mark.parametrize(
    ("answer", "result", "words"),
    [
        (Answer(500, {}, b"oops"), Result.FAILED, "HTTP 500"),
        (Answer(404, {}, b"<html>"), Result.FAILED, "HTTP 404"),
        (status(503, "error trying to reach service: dial tcp: connection refused"), Result.FAILED, "dial tcp"),
        (status(500, "error dialing backend: EOF"), Result.FAILED, "error dialing backend"),
        (status(404, 'pods "p1" not found'), Result.FAILED, "not found"),
        (status(429, "too many requests"), Result.UNKNOWN, "the API server answered 429"),
        (status(403, "forbidden"), Result.UNKNOWN, "forbidden"),
        (Unreachable("no answer: connect timeout"), Result.UNKNOWN, "connect timeout"),
        (ValueError("a defect"), Result.UNKNOWN, "ValueError: a defect"),
    ],
)
@pytest.mark.parametrize(("service", "port"), [(Service.API, "8000"), (Service.WEBSOCKET, "8080")])
def test_answers(
    api: Api, probe: Probe, service: Service, port: str, answer: Any, result: Result, words: str
) -> None:  # fmt: skip
    api.ports[port] = answer
    sample = probe(service)
    assert sample.result is result
    assert words in sample.detail


def test_a_websocket_ports_health_is_asked_for_again_after_a_while_and_each_time_once_it_fails(
    api: Api, probe: Probe, prober: PodProber, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert [probe(Service.WEBSOCKET).result for _ in range(3)] == [Result.PASSED] * 3
    assert sum(":8080/" in path for path in api.paths) == 1
    api.ports["8080"] = Answer(503, {}, b"")
    monkeypatch.setattr(probes, "HEALTH_S", 0.0)
    assert [probe(Service.WEBSOCKET).result for _ in range(2)] == [Result.FAILED] * 2
    assert sum(":8080/" in path for path in api.paths) == 3


def test_a_right_answer_that_comes_late_is_a_failure(api: Api, prober: PodProber, probe: Probe) -> None:
    prober.policy = replace(prober.policy, latency_limit=0.01)
    api.ports["8000"] = 0.06
    sample = probe(Service.API)
    assert sample.result is Result.FAILED
    assert sample.detail == f"took {sample.seconds:.1f} s"


def test_silence_on_an_open_connection_is_the_pods(api: Api, probe: Probe, monkeypatch: pytest.MonkeyPatch) -> None:
    def silent(*words: Any, **options: Any) -> Answer:
        time.sleep(0.2)
        raise Unreachable("no answer from the cluster: Read timed out")

    monkeypatch.setattr(api, "raw", silent)
    sample = probe(Service.API)
    assert (sample.result, sample.detail) == (Result.FAILED, "no answer within 0.2 s")


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ("something else", "echoed something else"),
        (websocket.WebSocketTimeoutException("slow"), "no WebSocket answer within 0.2 s"),
        (websocket.WebSocketBadStatusException("no %s", 503, "", {}, b"busy"), "refused with HTTP 503"),
        (websocket.WebSocketConnectionClosedException("gone"), "WebSocket failed: gone"),
        (ConnectionResetError("reset"), "WebSocket failed: reset"),
    ],
)
def test_upgrades(probe: Probe, upgrade: Callable[[Any], None], answer: Any, words: str) -> None:
    upgrade(answer)
    sample = probe(Service.WEBSOCKET)
    assert sample.result is Result.FAILED
    assert words in sample.detail


@pytest.mark.parametrize(
    ("answer", "result", "words"),
    [
        (status(503, "error trying to reach service: dial tcp: connection refused"), Result.FAILED, "dial tcp"),
        (status(404, 'pods "p1" not found'), Result.FAILED, "not found"),
        (status(429, "too many requests"), Result.UNKNOWN, "the API server answered 429"),
        (status(403, "forbidden"), Result.UNKNOWN, "forbidden"),
    ],
)
def test_upgrades_that_the_api_server_refuses(
    probe: Probe, upgrade: Callable[[Any], None], answer: Answer, result: Result, words: str
) -> None:
    upgrade(websocket.WebSocketBadStatusException("no %s", answer.status, "", {}, answer.body))
    sample = probe(Service.WEBSOCKET)
    assert sample.result is result
    assert words in sample.detail


def test_an_api_server_that_cannot_be_reached_says_nothing_about_the_pod(probe: Probe, api: Api) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    nobody = Connection(f"https://127.0.0.1:{port}", "x", ssl.create_default_context(), Any, dict)  # type: ignore[arg-type]
    api.connection.dial = nobody.dial
    sample = probe(Service.WEBSOCKET)
    assert sample.result is Result.UNKNOWN
    assert "no answer from the cluster" in sample.detail


@pytest.mark.parametrize(
    ("body", "result", "words", "sockets"),
    [
        (METRICS, Result.PASSED, "", 1),
        (METRICS.replace("websocket_connections 1", "websocket_connections NaN"), Result.PASSED, "", None),
        (METRICS.replace("http_requests_total", "other"), Result.FAILED, "metrics lack http_requests_total", None),
        ("<html>", Result.FAILED, "metrics cannot be read", None),
        ("", Result.FAILED, "metrics lack", None),
    ],
)
def test_metrics(api: Api, probe: Probe, body: str, result: Result, words: str, sockets: int | None) -> None:
    api.ports["8001"] = Answer(200, {}, body.encode())
    sample = probe(Service.METRICS)
    assert (sample.result, sample.sockets) == (result, sockets)
    assert words in sample.detail


def test_metrics_that_are_no_text(api: Api, probe: Probe) -> None:
    api.ports["8001"] = Answer(200, {}, b"\xff\xfe")
    assert probe(Service.METRICS).result is Result.FAILED


def test_a_probe_that_still_runs_is_not_started_twice(api: Api, probe: Probe) -> None:
    api.ports["8000"] = 0.1
    probe(Service.METRICS)
    probe(Service.METRICS)
    assert sum(":8000/" in path for path in api.paths) == 1


USERS = """\
http_requests_total{path="/health",code="200"} 40
http_requests_total{path="/work",code="200"} 9
http_requests_total{path="/work",code="500"} 1
http_request_duration_seconds_bucket{path="/work",le="2.0"} 7
http_request_duration_seconds_bucket{path="/work",le="+Inf"} 10
websocket_connections 3
"""


def test_what_users_met_comes_with_the_metrics(api: Api, prober: PodProber, probe: Probe) -> None:
    api.ports["8001"] = Answer(200, {}, USERS.encode())
    prober.policy = replace(prober.policy, latency_limit=2.0)
    assert probe(Service.METRICS).counts == Counts(requests=10, errors=1, slow=3)
    assert probe(Service.API).counts is None


def test_only_what_is_asked_for_is_probed(api: Api, prober: PodProber) -> None:
    prober.begin({Color.GREEN: ColorState(Color.GREEN, pods=(Pod("p1", True, 0, "a:1"),))}, {Service.METRICS})
    until(lambda: [sample.service for sample in prober.collect()] == [Service.METRICS])
    assert all(":8001/" in path for path in api.paths)


def test_a_failure_rings_and_a_success_does_not(api: Api, prober: PodProber, probe: Probe) -> None:
    rung = threading.Event()
    prober.ring = rung.set
    probe(Service.API)
    assert not rung.is_set()
    api.ports["8000"] = Answer(500, {}, b"")
    probe(Service.API)
    assert rung.wait(5)


def test_pods_of_one_color_that_hang_do_not_hold_up_the_other(api: Api, prober: PodProber) -> None:
    released = threading.Event()
    prober.way = Hanging(prober.way, released)  # type: ignore[assignment]
    many = tuple(Pod(f"hangs{n}", True, 0, "a:1") for n in range(40))
    prober.begin({Color.GREEN: ColorState(Color.GREEN, pods=many)}, {Service.API})
    prober.begin({Color.BLUE: ColorState(Color.BLUE, pods=(Pod("p1", True, 0, "a:1"),))}, {Service.API})
    try:
        until(lambda: [(s.pod, s.result) for s in prober.collect()] == [("p1", Result.PASSED)])
    finally:
        released.set()


def test_who_leaves_waits_for_no_probe_that_has_not_begun(api: Api, prober: PodProber) -> None:
    released = threading.Event()
    prober.way = Hanging(prober.way, released)  # type: ignore[assignment]
    many = tuple(Pod(f"hangs{n}", True, 0, "a:1") for n in range(40))
    prober.begin({Color.GREEN: ColorState(Color.GREEN, pods=many)}, {Service.API})
    prober.give_up()
    released.set()
    prober._pools[Color.GREEN].shutdown(wait=True)
    assert 0 < len(prober.collect()) <= 16, "only those that were under way"


def test_who_is_late_itself_cannot_call_others_slow(api: Api, prober: PodProber, probe: Probe) -> None:
    prober.policy = replace(prober.policy, latency_limit=0.01)
    api.ports["8000"] = 0.6
    prober.heartbeat.late_since = lambda started: 0.0  # type: ignore[method-assign]  # on a busy computer it is late
    assert probe(Service.API).result is Result.FAILED
    prober.heartbeat.late_since = lambda started: 0.6  # type: ignore[method-assign]
    sample = probe(Service.API)
    assert (sample.result, sample.detail) == (Result.UNKNOWN, "took 0.6 s, but this computer itself was 0.6 s late")
    api.ports["8000"] = Answer(500, {}, b"")
    assert probe(Service.API).result is Result.FAILED, "a wrong answer is wrong, whoever was late"


def test_the_heartbeat_knows_how_late_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    heartbeat = Heartbeat()
    started = time.time()
    heartbeat.start()
    heartbeat.start()
    until(lambda: len(heartbeat._late) > 2)
    assert heartbeat.late_since(started) < 0.5
    stalled = heartbeat._late[-1][0]
    heartbeat._late.append((stalled + 0.8, 0.75))
    assert heartbeat.late_since(stalled + 0.1) >= 0.75
    assert heartbeat.late_since(time.time() + 60) == 0.0


class Hanging:
    """A way on which some pods give no answer until they are released."""

    def __init__(self, way: Any, released: threading.Event) -> None:
        self.way, self.released = way, released

    def get(self, pod: Pod, *words: Any) -> Answer:
        if pod.name.startswith("hangs"):
            assert self.released.wait(10)
        return self.way.get(pod, *words)  # type: ignore[no-any-return]


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 5
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.002)


# --- the front door ---------------------------------------------------------------------------------------


def ask(answer: Any) -> DoorSample:
    def one(path: str, limit: float) -> Answer:
        if isinstance(answer, Exception):
            raise answer
        assert isinstance(answer, Answer)
        return answer

    return Door(one).probe("/health", 1.0)


@pytest.mark.parametrize(
    ("answer", "result", "color", "words"),
    [
        (Answer(200, {"X-App-Color": "green"}, b""), Result.PASSED, Color.GREEN, "HTTP 200"),
        (Answer(200, {}, b""), Result.PASSED, None, "HTTP 200"),
        (Answer(200, {"x-app-color": "red"}, b""), Result.PASSED, None, "HTTP 200"),
        (Answer(500, {"x-app-color": "blue"}, b""), Result.FAILED, Color.BLUE, "HTTP 500"),
        (Answer(302, {}, b""), Result.FAILED, None, "HTTP 302"),
        (TimeoutError(), Result.FAILED, None, "no answer within 1 s"),
        (ConnectionRefusedError("refused"), Result.FAILED, None, "refused"),
        (Unreachable("the API server is away"), Result.UNKNOWN, None, "away"),
        (ToolFailed("no node has an address"), Result.UNKNOWN, None, "no node"),
    ],
)
def test_the_front_door(answer: Any, result: Result, color: Color | None, words: str) -> None:
    sample = ask(answer)
    assert (sample.result, sample.color) == (result, color)
    assert words in sample.detail


@pytest.mark.parametrize(
    ("answer", "result"),
    [
        (Answer(200, {"x-app-color": "blue"}, b""), Result.PASSED),
        (Answer(503, {}, b"busy"), Result.FAILED),
        (status(503, 'no endpoints available for service "agent"'), Result.FAILED),
        (status(403, "forbidden"), Result.UNKNOWN),
        (Unreachable("away"), Result.UNKNOWN),
    ],
)
def test_through_the_api_server(api: Api, answer: Any, result: Result) -> None:
    api.ports = {"api": answer}
    door = open_front_door(api, NAMES, ENVIRONMENT)  # type: ignore[arg-type]
    assert door.probe("/health", 1.0).result is result
    assert api.paths == ["/api/v1/namespaces/apps/services/http:agent:api/proxy/health"]


def test_an_answer_at_the_front_door_that_comes_late_is_a_failure(prober: PodProber) -> None:
    samples: list[DoorSample] = []
    prober.door = Door(lambda path, limit: time.sleep(0.02) or OK)
    for limit, result in ((30.0, Result.PASSED), (0.01, Result.FAILED)):
        prober.policy = replace(prober.policy, latency_limit=limit)
        prober.begin_door(Color.GREEN)
        until(lambda: bool(samples.extend(prober.collect_door()) or samples))
        assert samples.pop().result is result


def test_by_address_each_time_on_a_connection_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[Any, ...]] = []

    def get(*words: Any) -> Answer:
        asked.append(words)
        return Answer(200, {}, b"")

    monkeypatch.setattr(fresh, "get", get)
    front = FrontDoor(kind="url", api_url="https://api.example.com:8443/")
    door = open_front_door(None, NAMES, replace(ENVIRONMENT, front_door=front))  # type: ignore[arg-type]
    assert door.probe("/health", 1.5).result is Result.PASSED
    assert asked == [(True, "api.example.com", 8443, "/health", 1.5)]


class Nodes:
    def __init__(self, addresses: list[dict[str, str]], port: int | None) -> None:
        self.addresses, self.port = addresses, port

    def get(self, path: str) -> dict[str, Any]:
        if path == "/api/v1/nodes":
            return {"items": [{"status": {"addresses": self.addresses}}]}
        return {"spec": {"ports": [{"name": "metrics"}, {"name": "api", "nodePort": self.port}]}}


def test_by_node_port(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[Any, ...]] = []
    monkeypatch.setattr(fresh, "get", lambda *words: asked.append(words) or Answer(200, {}, b""))
    environment = replace(ENVIRONMENT, front_door=FrontDoor(kind="node_port"))
    addresses = [{"type": "Hostname", "address": "n1"}, {"type": "InternalIP", "address": "10.0.0.7"}]
    assert open_front_door(Nodes(addresses, 30080), NAMES, environment).probe("/health", 1.0).result is Result.PASSED  # type: ignore[arg-type]
    assert asked == [(False, "10.0.0.7", 30080, "/health", 1.0)]
    for nodes in (Nodes([], 30080), Nodes(addresses, None)):
        assert open_front_door(nodes, NAMES, environment).probe("/health", 1.0).result is Result.UNKNOWN  # type: ignore[arg-type]


def test_a_beat_that_is_due_counts_though_it_has_not_come_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    """After a pause of the whole process the one who asks may run before the heartbeat does."""
    asleep, over = threading.Event(), threading.Event()
    monkeypatch.setattr("opsctl.tools.cluster.heartbeat.time.sleep", lambda seconds: (asleep.set(), over.wait(10)))
    heartbeat = Heartbeat()
    heartbeat.start()
    assert asleep.wait(5)
    since = clock.now()
    monkeypatch.setattr(clock, "now", lambda: since + 10.0)
    assert heartbeat.late_since(since) == pytest.approx(10.0, abs=0.2)
    over.set()
