"""Each shim does what AWS does, and is still needed: it goes once stock moto can do the same."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError
from moto_probes import Client
from terraform_stack import FakeAwsProcess

PROBES: list[Callable[[Client], bool]] = [
    probe for module in sorted(Path(__file__).parent.glob("*_probes.py")) for probe in import_module(module.stem).PROBES
]

_STOCK = """
from moto.server import ThreadedMotoServer
server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
server.start()
print(server.get_host_and_port()[1], flush=True)
input()
"""


def _clients(url: str) -> Client:
    keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test", "region_name": "us-east-1"}
    return lambda service: boto3.client(service, endpoint_url=url, **keys)


@pytest.fixture(scope="module")
def stock() -> Iterator[Client]:
    """moto as it comes, in a process of its own."""
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    with subprocess.Popen([sys.executable, "-c", _STOCK], text=True, **pipes) as process:
        assert process.stdout is not None
        yield _clients(f"http://127.0.0.1:{int(process.stdout.readline())}")
        process.kill()


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    server = FakeAwsProcess(tmp_path_factory.mktemp("shims"))
    yield _clients(server.url)
    server.end(signal.SIGKILL)


@pytest.mark.parametrize("probe", PROBES, ids=lambda probe: probe.__name__)
def test_works_with_us(ours: Client, probe: Callable[[Client], bool]) -> None:
    assert probe(ours)


@pytest.mark.parametrize("probe", PROBES, ids=lambda probe: probe.__name__)
def test_still_missing_in_moto(stock: Client, probe: Callable[[Client], bool]) -> None:
    try:
        found = probe(stock)
    except (ClientError, BotoCoreError, ResponseParserError, KeyError):
        found = False
    assert not found, f"moto can do this by itself now: delete the shim behind {probe.__name__}, and this probe"
