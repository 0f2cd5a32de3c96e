"""Lists of thousands of objects, as an application of many pods has them."""

from __future__ import annotations

import gc
import gzip
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from opsctl.errors import Unreachable
from opsctl.tools.cluster.api import Api
from opsctl.tools.cluster.kubeconfig import connect_by_kubeconfig

_PODS = {"items": [{"metadata": {"name": f"pod-{n}"}} for n in range(10_000)]}


class _Packs(BaseHTTPRequestHandler):
    """As Kubernetes does: packed for who asks for that."""

    def do_GET(self) -> None:
        packed = "gzip" in self.headers.get("Accept-Encoding", "")
        body = b"no JSON" if self.path == "/broken" else json.dumps(_PODS if packed else {"items": "large"}).encode()
        self.send_response(200)
        if packed:
            self.send_header("Content-Encoding", "gzip")
        self.end_headers()
        self.wfile.write(gzip.compress(body) if packed else body)

    def log_message(self, format: str, *arguments: object) -> None:
        return


@pytest.fixture
def api(tmp_path: Path) -> Iterator[Api]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Packs)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    cluster, user = {"server": f"http://127.0.0.1:{server.server_address[1]}"}, {"token": "of-a-test"}
    config = tmp_path / "kubeconfig"
    config.write_text(
        json.dumps(
            {
                "clusters": [{"name": "fake", "cluster": cluster}], "users": [{"name": "fake", "user": user}],
                "contexts": [{"name": "fake", "context": {"cluster": "fake", "user": "fake"}}],
                "current-context": "fake",
            }
        )
    )  # fmt: skip
    yield Api(connect_by_kubeconfig(config, None))
    server.shutdown()
    server.server_close()


def test_a_list_comes_packed(api: Api) -> None:
    assert api.get("/pods") == _PODS


def test_a_list_is_read_without_looking_for_cycles_all_the_while(api: Api) -> None:
    runs: list[str] = []
    gc.callbacks.append(lambda phase, info: runs.append(phase))
    try:
        api.get("/pods")
    finally:
        gc.callbacks.pop()
    assert len(runs) < 10  # 20,000 objects would be 28 searches, each with a start and a stop


def test_cycles_are_looked_for_again_afterwards(api: Api) -> None:
    api.get("/pods")
    assert gc.isenabled()
    with pytest.raises(Unreachable, match="is not Kubernetes"):
        api.get("/broken")
    assert gc.isenabled()
