"""What holds for every test: a fast one starts no process and sees nothing of this computer's settings."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

HERE = Path(__file__).parent
_LEVELS = {"cluster": "cluster", "terraform": "terraform", "sandbox": "process"}  # folders of real parts
_STARTS = ("subprocess.Popen", "os.fork", "os.forkpty", "os.posix_spawn", "os.exec", "os.system")
_REQUIRE_ALL = os.environ.get("OPSCTL_REQUIRE_ALL") == "1"
_FOREIGN = ("KUBECONFIG", "NO_COLOR")

# The same examples each time; `pytest --hypothesis-profile search` looks for new ones, for long.
settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.register_profile("search", max_examples=3000, deadline=None)
settings.load_profile("repeatable")

_forbidden = False


def _no_process(event: str, arguments: tuple[Any, ...]) -> None:
    """An audit hook, since it sees every way to start a program; `pytest.fail` passes through `except Exception`."""
    if _forbidden and event in _STARTS:
        pytest.fail(f"a test without the mark process, cluster or terraform started {arguments[:1]}")


sys.addaudithook(_no_process)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        folder = item.path.relative_to(HERE).parts[0]
        if folder in _LEVELS:
            item.add_marker(_LEVELS[folder])


@pytest.fixture(autouse=True)
def outside(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An unmarked test gets a clean environment and may start nothing."""
    global _forbidden
    if any(request.node.get_closest_marker(mark) for mark in ("process", "cluster", "terraform")):
        yield
        return
    for name in list(os.environ):
        if name.startswith(("OPSCTL_", "AWS_")) or name in _FOREIGN:
            monkeypatch.delenv(name)
    _forbidden = True
    yield
    _forbidden = False


@pytest.fixture(scope="session")
def require() -> Callable[[str, str], str]:
    """require("helm", "make setup builds it") returns the program's path, or skips with the remedy.

    With OPSCTL_REQUIRE_ALL=1 nothing may be skipped, and the test fails instead.
    """

    def find(program: str, remedy: str) -> str:
        found = shutil.which(program)
        if found is None:
            (pytest.fail if _REQUIRE_ALL else pytest.skip)(f"{program} is not installed: {remedy}")
        return str(found)

    return find
