"""A headless Chromium, by its DevTools protocol: open a page, change how it is seen, hear its complaints."""

from __future__ import annotations

import base64
import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from websocket import WebSocket, create_connection

PROGRAM = "chromium-headless-shell"
_ANNOUNCED = re.compile(r"DevTools listening on (ws://\S+)")


class Browser:
    """One page. `complaints` are console messages, exceptions and broken rules; `requests` whatever it asked for."""

    def __init__(self, socket: WebSocket) -> None:
        self.socket = socket
        self.complaints: list[str] = []
        self.requests: list[str] = []
        self._number = 0
        self._session = ""
        target = self._call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self._call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self._call(f"{domain}.enable")

    def show(self, page: Path, width: int, scheme: str, height: int = 900) -> None:
        """`scheme`: light or dark, as the reader's system prefers."""
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self._call("Emulation.setDeviceMetricsOverride", **size)
        self._call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
        self._call("Page.navigate", url=page.as_uri())
        while self.value("document.readyState + location.href") != f"complete{page.as_uri()}":
            pass

    def value(self, expression: str) -> Any:
        return self._call("Runtime.evaluate", expression=expression, returnByValue=True)["result"].get("value")

    def picture(self, height: int | None = None) -> bytes:
        """A PNG of the page from its top."""
        box = {"x": 0, "y": 0, "scale": 1, "width": self.value("innerWidth")}
        box["height"] = height or self.value("document.documentElement.scrollHeight")
        found = self._call("Page.captureScreenshot", clip=box, captureBeyondViewport=True)
        return base64.b64decode(found["data"])

    def _call(self, method: str, **parameters: Any) -> Any:
        self._number += 1
        asked = {"id": self._number, "method": method, "params": parameters}
        self.socket.send(json.dumps({**asked, "sessionId": self._session} if self._session else asked))
        while True:
            heard = json.loads(self.socket.recv())
            if heard.get("id") == self._number:
                assert "error" not in heard, f"{method}: {heard['error']}"
                return heard["result"]
            self._note(heard.get("method"), heard.get("params", {}))

    def _note(self, event: str | None, told: dict[str, Any]) -> None:
        if event == "Network.requestWillBeSent":
            self.requests.append(told["request"]["url"])
        if event in ("Log.entryAdded", "Runtime.consoleAPICalled", "Runtime.exceptionThrown"):
            self.complaints.append(json.dumps(told))


@contextmanager
def open_browser(profile: Path) -> Iterator[Browser]:
    program = shutil.which(PROGRAM)
    if program is None:
        (pytest.fail if os.environ.get("OPSCTL_REQUIRE_ALL") else pytest.skip)(
            f"{PROGRAM} is not installed: scripts/browser"
        )
    argv = [program, "--no-sandbox", "--disable-gpu", "--remote-debugging-port=0", f"--user-data-dir={profile}"]
    process = subprocess.Popen(argv, stderr=subprocess.PIPE, text=True)  # no sandbox: it refuses one to root
    try:
        assert process.stderr
        found = next(match for line in process.stderr if (match := _ANNOUNCED.search(line)))
        socket = create_connection(found[1], timeout=30, suppress_origin=True)
        yield Browser(socket)
        socket.close()
    finally:
        process.terminate()
        process.wait(10)
