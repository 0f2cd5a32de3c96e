"""The fake AWS as a server on 127.0.0.1: moto, its shims, and a memory on disk."""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from opsctl.sandbox.fake_aws.durable import Durable

if TYPE_CHECKING:
    from werkzeug.serving import BaseWSGIServer

ADDRESS = "127.0.0.1"
ACCOUNT_ID = "123456789012"
"""moto's own account; every caller is in it."""

# Read by moto while it is imported or first used, so set before. What the user has set stays.
_SETTINGS = {
    "MOTO_ACM_VALIDATION_WAIT": "1",  # seconds until a certificate is issued
    "MOTO_EC2_LOAD_DEFAULT_AMIS": "false",  # a megabyte of images that nobody asks for, in every save
    "MOTO_IAM_LOAD_MANAGED_POLICIES": "true",  # roles attach AWS's own policies
}


@dataclass(frozen=True)
class FakeAws:
    """A running server."""

    port: int
    _application: Durable
    _server: BaseWSGIServer
    _thread: threading.Thread

    @property
    def url(self) -> str:
        """What AWS_ENDPOINT_URL should be."""
        return f"http://{ADDRESS}:{self.port}"

    def stop(self) -> None:
        """End once the request in progress is answered. Every answered change is on disk already."""
        self._server.shutdown()
        self._thread.join()
        with self._application.turn:
            self._server.server_close()


def start(port: int = 0, state: Path | None = None) -> FakeAws:
    """Serve on 127.0.0.1, from a thread of this process.

    With port 0 the system chooses one. With `state`, what that file holds is there again, and every change is written
    to it; without, all is forgotten when the process ends. moto's memory belongs to the process, so two servers in one
    process show the same things. Raises OpsError if the file is not safe to load, OSError if the port is taken.
    """
    for name, value in _SETTINGS.items():
        os.environ.setdefault(name, value)
    from werkzeug.serving import make_server

    application = _application(state)
    server = make_server(ADDRESS, port, application, threaded=True, request_handler=_handler())
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    return FakeAws(server.server_port, application, server, thread)


def _application(state: Path | None) -> Durable:
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

    from opsctl.sandbox.fake_aws import shims, snapshot

    shims.install()
    if state is not None and state.exists():
        snapshot.load(state)
    save = partial(snapshot.save, state) if state is not None else _forget
    return Durable(DomainDispatcherApplication(create_backend_app), save)


def _forget() -> None:
    """Where nothing is to be kept."""


def _handler() -> type[Any]:
    """moto's request handler: of requests that went well it writes no line, of an answer that nobody took it does."""
    from moto.moto_server.werkzeug_app import MotoRequestHandler

    class Quiet(MotoRequestHandler):
        protocol_version = "HTTP/1.1"  # as AWS; werkzeug ends each connection after its answer all the same

        def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
            if int(code) >= 500:
                super().log_request(code, size)

        def connection_dropped(self, error: BaseException, environ: dict[str, Any] | None = None) -> None:
            """A client that asks again finds what it was not told of: an apply fails by that, and wants to know why."""
            self.log("warning", "%s: the answer did not arrive: %s", self.requestline, error)

    return Quiet
