"""An API server that answers what was recorded from a real one, counts what it is asked, and can fall silent."""

from __future__ import annotations

import copy
import json
import re
import threading
import time
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

RECORDED = json.loads((Path(__file__).parent / "cases" / "cluster" / "two_colors.json").read_text())
METRICS = "websocket_connections 7\nhttp_requests_total 1\n"
_PLACES = {
    r"/apis/apps/v1/.*/deployments": "deployments",
    r"/api/v1/.*/pods": "pods",
    r"/apis/discovery.k8s.io/v1/.*/endpointslices": "endpointslices",
    r"/api/v1/.*/configmaps": "configmaps",
}
_ONE = re.compile(r"/(services|configmaps|leases)/([\w-]+)$")


class ApiServer:
    """`objects` by kind may be changed at any time. While `holding`, requests get no answer at all."""

    def __init__(self) -> None:
        self.objects: dict[str, list[dict[str, Any]]] = {**copy.deepcopy(RECORDED), "configmaps": [], "leases": []}
        for pod in self.objects["pods"]:  # the recording is older than what is read of them
            pod["spec"]["containers"][0]["ports"] = [{"name": name} for name in ("api", "websocket", "metrics")]
        self.asked: list[tuple[float, str, str]] = []  # when, method, path
        self.answers = threading.Event()
        self.answers.set()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def kubeconfig(self) -> str:
        cluster, user = {"server": self.address}, {"token": "of-a-test"}
        context = {"cluster": "fake", "user": "fake"}
        return json.dumps(
            {
                "clusters": [{"name": "fake", "cluster": cluster}], "users": [{"name": "fake", "user": user}],
                "contexts": [{"name": "fake", "context": context}], "current-context": "fake",
            }
        )  # fmt: skip

    def fall_silent(self) -> None:
        self.answers.clear()

    def speak(self) -> None:
        self.answers.set()

    def close(self) -> None:
        self.speak()
        self._server.shutdown()
        self._server.server_close()

    def answer(self, method: str, path: str) -> tuple[int, bytes]:
        self.asked.append((time.monotonic(), method, path))
        self.answers.wait()
        bare = path.partition("?")[0]
        if "/proxy" in bare:
            return 200, METRICS.encode() if bare.endswith("/metrics") else b"ok"
        one = _ONE.search(bare)
        if one:
            named = (item for item in self.objects[one[1]] if item["metadata"]["name"] == one[2])
            found = next(named, None)
            return (200, json.dumps(found).encode()) if found else (404, b'{"kind": "Status", "message": "none"}')
        kind = next((kind for pattern, kind in _PLACES.items() if re.fullmatch(pattern, bare)), None)
        return (200, json.dumps({"items": self.objects[kind]}).encode()) if kind else (404, b"{}")

    def _handler(server) -> type[BaseHTTPRequestHandler]:  # the handler's own self is another
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _reply(self) -> None:
                status, body = server.answer(self.command, self.path)
                with suppress(OSError):  # whoever asked is gone
                    self.send_response(status)
                    self.send_header("Content-Length", str(len(body)))
                    self.end_headers()
                    self.wfile.write(body)

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _reply

            def log_message(self, format: str, *arguments: Any) -> None:
                return

        return Handler
