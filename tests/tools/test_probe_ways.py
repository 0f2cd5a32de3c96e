"""Pods asked at their own addresses, on real sockets; and each color by what its own Deployment offers."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from kube_store import KubeStore

from opsctl.core.color import Color
from opsctl.core.environment import Api, Environment, Release, Services
from opsctl.core.health import Result, Sample, Service
from opsctl.core.snapshot import ColorState, Pod
from opsctl.tools.cluster.front_door import FrontDoor, by_cluster_address, by_node_address
from opsctl.tools.cluster.names import Names
from opsctl.tools.cluster.probes import PodProber
from opsctl.tools.cluster.ways import Direct, PodAtFault

NAMES = Names("apps", "agent")
POD = Pod("p1", True, 0, "a:1", address="127.0.0.1")


class Answering(BaseHTTPRequestHandler):
    """200 at /healthz, 404 elsewhere, silence at /slow."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        if self.path == "/slow":
            time.sleep(1.0)
        self.send_response(200 if self.path == "/healthz" else 404)
        self.send_header("Content-Length", "0")
        self.send_header("X-App-Color", "green")
        self.end_headers()

    def log_message(self, *words: Any) -> None:
        return


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield server.server_address[1]
    server.shutdown()
    server.server_close()


def test_a_pods_own_answer(port: int) -> None:
    answer = Direct().get(POD, port, "/healthz", 1.0)
    assert (answer.status, answer.headers["x-app-color"]) == (200, "green")
    assert Direct().get(POD, port, "/other", 1.0).status == 404


def test_whoever_gives_no_answer_is_at_fault_itself(port: int) -> None:
    with pytest.raises(PodAtFault, match=r"no answer within 0\.1 s"):
        Direct().get(POD, port, "/slow", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as free:
        closed = free.getsockname()[1]
    with pytest.raises(PodAtFault, match="refused"):
        Direct().get(POD, closed, "/healthz", 1.0)
    with pytest.raises(OSError, match="refused"):
        Direct().upgrade(POD, closed, "/ws", 1.0)


@pytest.fixture
def begin(port: int) -> Iterator[Callable[..., Sample]]:
    """One round on a color whose Deployment says that it offers this; the sample of its API."""
    told = Services(api=Api(port=port, health_path="/by-the-file"))
    environment = Environment(name="test", services=told, release=Release(probe_timeout=1.0))
    asked: list[str] = []
    door = FrontDoor(lambda path, limit: asked.append(path) or Direct().get(POD, port, path, limit))
    prober = PodProber(Direct(), door, environment)

    def one(services: Services | None) -> Sample:
        prober.begin({Color.GREEN: ColorState(Color.GREEN, pods=(POD,), services=services)}, [Service.API])
        prober.begin_door(Color.GREEN)
        found: list[Sample] = []
        deadline = time.monotonic() + 5
        while not [sample for sample in found if sample.service is Service.API] or not asked:
            found += prober.collect()
            assert time.monotonic() < deadline
            time.sleep(0.005)
        own = (services or told).api.health_path
        assert asked == [own], "the users' path is asked for what the color offers"
        return next(sample for sample in found if sample.service is Service.API)

    yield one
    prober._pools[Color.GREEN].shutdown()


def test_a_color_is_asked_for_what_it_offers_itself(port: int, begin: Callable[..., Sample]) -> None:
    assert begin(Services(api=Api(port=port, health_path="/healthz"))).result is Result.PASSED


def test_one_that_does_not_say_by_the_environment_file(begin: Callable[..., Sample]) -> None:
    assert begin(None).detail == "HTTP 404"


def test_the_users_path_from_inside_the_cluster(port: int) -> None:
    store = KubeStore("apps")
    ports = [{"name": "metrics", "port": 1}, {"name": "api", "port": port, "nodePort": port}]
    store.objects[NAMES.core("services", "agent")] = {"spec": {"clusterIP": "127.0.0.1", "ports": ports}}
    for door in (by_cluster_address(store, NAMES), by_node_address(store, NAMES, "127.0.0.1")):  # type: ignore[arg-type]
        sample = door.probe("/healthz", 1.0)
        assert (sample.result, sample.color) == (Result.PASSED, Color.GREEN)
