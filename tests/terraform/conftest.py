"""One real apply of the whole stack, and as many copies of it as tests need, each with a fake AWS of its own."""

from __future__ import annotations

import os
import shutil
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from terraform_stack import FakeAwsProcess, Stack

from opsctl.tools.terraform import environment


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.terraform)


@pytest.fixture(scope="session")
def cli_configuration(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Terraform and its AWS provider are on this computer; the path of a CLI configuration that says where."""
    found = environment.cli_configuration(tmp_path_factory.mktemp("cli"), os.environ)
    if shutil.which("terraform") is None:
        _missing("terraform is not on PATH: install Terraform 1.11 or newer")
    if found is None:
        _missing(
            "no mirror of the AWS provider found: set OPSCTL_TF_MIRROR to a folder made by terraform providers mirror"
        )
    assert found is not None
    return found


@pytest.fixture(scope="session")
def checkov() -> Path:
    """The program that judges our Terraform."""
    found = Path(__file__).parents[2] / ".venv-checkov" / "bin" / "checkov"
    if not found.exists():
        _missing("checkov is not installed: make setup puts it into .venv-checkov")
    return found


@pytest.fixture(scope="session")
def applied(tmp_path_factory: pytest.TempPathFactory, cli_configuration: str) -> Iterator[Stack]:
    """State bucket and whole stack, applied once. Not to be changed: take `stack`."""
    folder = tmp_path_factory.mktemp("applied")
    stack = Stack(folder, FakeAwsProcess(folder))
    try:
        stack.bootstrap()
        stack.terraform("init")
        started = time.monotonic()
        stack.apply()
        print(f"the whole stack took {time.monotonic() - started:.0f} s to apply")
        yield stack
    finally:
        stack.aws.end(signal.SIGKILL)


@pytest.fixture
def stack(applied: Stack, tmp_path: Path) -> Iterator[Stack]:
    """A provisioned environment of the test's own."""
    copy = applied.copy(tmp_path)
    yield copy
    copy.aws.end(signal.SIGKILL)


def _missing(what: str) -> None:
    if os.environ.get("OPSCTL_REQUIRE_ALL") == "1":
        pytest.fail(what)
    pytest.skip(what)
