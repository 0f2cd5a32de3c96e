"""`opsctl provision --plan` against `terraform apply` of the same plan, each in a fake AWS where nothing is yet.

The whole stack is made twice, one after the other: RDS alone waits for 80 seconds, so one round says enough.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.measure import Goal, Row, compared
from bench.programs import Unexpected, run
from bench.sandbox import ENVIRONMENT, OPSCTL, Sandbox

_START_S = 60.0
_CONFIG = """[profile sandbox]
region = us-east-1
endpoint_url = {url}
aws_access_key_id = sandbox
aws_secret_access_key = sandbox
"""


@dataclass(frozen=True)
class Empty:
    """A project whose environment is planned and nowhere applied; the state bucket is there."""

    folder: Path
    url: str  # of its fake AWS

    def opsctl(self, *words: str) -> float:
        return run([OPSCTL, *words, "--project", str(self.folder), "--env", ENVIRONMENT]).seconds

    def terraform(self, *words: str, environment: dict[str, str]) -> float:
        directory = self.folder / ".opsctl" / ENVIRONMENT / "terraform"
        return run(["terraform", *words], env=environment, cwd=directory).seconds


def measure(_sandbox: Sandbox, _rounds: int) -> list[Row]:
    """One sample of each side, each in a project of its own."""
    with _empty() as project:
        ours = project.opsctl("provision", "--plan", "1", "--yes")
    with _empty() as project:
        environment = _environment(project)
        project.terraform("plan", "-input=false", "-out=same.plan", environment=environment)
        bare = project.terraform("apply", "-input=false", "same.plan", environment=environment)
    return [compared("opsctl provision", "terraform apply", Goal(factor=1.05), ((ours,), (bare,)))]


@contextmanager
def _empty() -> Iterator[Empty]:
    with tempfile.TemporaryDirectory() as folder, _fake_aws(Path(folder)) as url:
        project = Empty(Path(folder), url)
        run([OPSCTL, "init", "--project", folder])
        config = project.folder / ".opsctl" / "sandbox" / "aws" / "config"
        config.parent.mkdir(parents=True)
        config.write_text(_CONFIG.format(url=url))
        _make_state_bucket(url)
        project.opsctl("plan")
        yield project


@contextmanager
def _fake_aws(folder: Path) -> Iterator[str]:
    ready = folder / "ready"
    argv = [sys.executable, "-m", "opsctl.sandbox.fake_aws", "--ready-file", str(ready)]
    with (folder / "fake-aws.log").open("wb") as log, subprocess.Popen(argv, stdout=log, stderr=log) as process:
        try:
            yield _address(ready, process)
        finally:
            process.send_signal(signal.SIGTERM)


def _address(ready: Path, process: subprocess.Popen[bytes]) -> str:
    deadline = time.monotonic() + _START_S
    while not ready.exists():
        if process.poll() is not None or time.monotonic() > deadline:
            raise Unexpected("the fake AWS did not start")
        time.sleep(0.02)  # between two looks for the file; nothing is timed yet
    return ready.read_text().strip()


def _make_state_bucket(url: str) -> None:
    """As `provision` would make it, which is not what is measured."""
    import boto3

    keys = {"aws_access_key_id": "sandbox", "aws_secret_access_key": "sandbox", "region_name": "us-east-1"}
    boto3.client("s3", endpoint_url=url, **keys).create_bucket(Bucket="ai-agent-sdk-tfstate-123456789012-us-east-1")


def _environment(project: Empty) -> dict[str, str]:
    """What an operator would export to run plain Terraform there."""
    config = str(project.folder / ".opsctl" / "sandbox" / "aws" / "config")
    mirror = project.folder / ".opsctl" / "terraform.tfrc"
    found = {
        **os.environ,
        "AWS_CONFIG_FILE": config,
        "AWS_SHARED_CREDENTIALS_FILE": config,
        "AWS_PROFILE": "sandbox",
        "AWS_EC2_METADATA_DISABLED": "true",
        "HTTP_PROXY": project.url,  # S3's settings of an account are asked of a name that only the fake AWS knows
        "CHECKPOINT_DISABLE": "1",
    }
    return found | ({"TF_CLI_CONFIG_FILE": str(mirror)} if mirror.is_file() else {})
