"""The real thing in small: a project with one environment, real Terraform, and a fake AWS as a process of its own."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from opsctl.config import load
from opsctl.core.environment import Environment
from opsctl.sandbox.fake_aws.server import ACCOUNT_ID
from opsctl.tools import rendered
from opsctl.tools.terraform.environment import terraform_environment
from opsctl.tools.terraform.roots import BootstrapRoot

ENVIRONMENT = {
    "application": {"name": "agent", "namespace": "agents"},
    "aws": {"account_id": ACCOUNT_ID, "region": "us-east-1", "emulated": True, "tags": {"owner": "platform"}},
    "network": {"nat": "per_zone", "endpoints": "standard", "peered_cidrs": ["10.50.0.0/16"], "flow_log_days": 30},
    "cluster": {
        "access": "public_allowlist",
        "public_access_cidrs": ["203.0.113.0/24"],
        "admin_role_arns": [f"arn:aws:iam::{ACCOUNT_ID}:role/admin"],
        "deployer_role_arns": [f"arn:aws:iam::{ACCOUNT_ID}:role/ci/deployer"],
        "operator_role_arns": [f"arn:aws:iam::{ACCOUNT_ID}:role/operator"],
        "auditor_role_arns": [f"arn:aws:iam::{ACCOUNT_ID}:role/auditor"],
        "break_glass_role_arns": [f"arn:aws:iam::{ACCOUNT_ID}:role/emergency"],
        "autoscaling": "cluster_autoscaler",
        "addon_versions": {"coredns": "v1.12.4-eksbuild.1"},
    },
    "cost": {"monthly_budget_usd": 5000, "alert_emails": ["finance@example.com"], "anomaly_usd": 100},
    "observability": {
        "prometheus": "remote_write",  # the provider waits ten minutes for a scraper to be gone, whatever it is told
        "alerts": {"page_emails": ["pager@example.com"], "ticket_emails": ["team@example.com"]},
    },
    "database": {"deletion_protection": False},  # the tests destroy it
    "backup": {"restore_test": "weekly"},
    "edge": {"alb": {"deletion_protection": False}, "cloudfront": {"wait_for_deployment": False}},
    "ci": {"repository": "acme/agent"},
    "security": {"compliance": ["soc2"], "object_lock_days": 30},
}
NAME = "agent-test"  # the prefix of everything
_START_S = 60.0


class FakeAwsProcess:
    """`python -m opsctl.sandbox.fake_aws`, which can be killed and started again on the same port."""

    def __init__(self, folder: Path) -> None:
        self.state = folder / "fake-aws.state"
        self._ready = folder / "fake-aws.ready"
        self._log = folder / "fake-aws.log"
        self.port = 0
        self.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        self._ready.unlink(missing_ok=True)
        argv = [sys.executable, "-m", "opsctl.sandbox.fake_aws", "--state", str(self.state)]
        argv += ["--port", str(self.port), "--ready-file", str(self._ready)]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(argv, stdout=log, stderr=subprocess.STDOUT)
        deadline = time.monotonic() + _START_S
        while not self._ready.exists():
            assert self._process.poll() is None, self._log.read_text()
            assert time.monotonic() < deadline, f"not ready after {_START_S} s: {self._log.read_text()}"
            time.sleep(0.02)
        self.port = int(self._ready.read_text().strip().rpartition(":")[2])

    def said(self) -> str:
        return self._log.read_text()

    def end(self, number: signal.Signals) -> int:
        """Send a signal and wait; the exit code, negative where a signal ended it."""
        self._process.send_signal(number)
        return self._process.wait(30)


@dataclass
class Stack:
    """One environment `test` in `folder`, and the AWS it is in."""

    folder: Path
    aws: FakeAwsProcess
    settings: dict[str, Any] = field(default_factory=lambda: json.loads(json.dumps(ENVIRONMENT)))

    @property
    def directory(self) -> Path:
        return rendered.folder_of(self.folder, "test") / "terraform"

    def render(self) -> Environment:
        """Write the environment file from `settings`, and from it what Terraform reads."""
        environments = self.folder / "environments"
        environments.mkdir(exist_ok=True)
        (environments / "test.yaml").write_text(json.dumps(self.settings))  # JSON is YAML
        environment = load(self.folder, "test").environment
        rendered.write(self.folder, environment)
        return environment

    def bootstrap(self) -> None:
        environment = self.render()
        root = BootstrapRoot(self.folder, environment, self._overlay(environment))
        root.prepare()
        self.terraform("apply", "-auto-approve", directory=root.directory)

    def terraform(self, *arguments: str, ok: tuple[int, ...] = (0,), directory: Path | None = None) -> str:
        """Run plain Terraform where `render` wrote its files. Returns what it printed; fails on another exit code."""
        run = self._run(arguments, directory or self.directory)
        assert run.returncode in ok, f"terraform {arguments[0]}: exit {run.returncode}\n{run.stdout}\n{run.stderr}"
        return run.stdout + run.stderr

    def apply(self) -> None:
        self.render()
        self.terraform("apply", "-auto-approve")

    def planned(self) -> dict[str, list[str]]:
        """What a plan would do, by address; empty only where Terraform itself says that there is nothing to change."""
        run = self._run(("plan", "-detailed-exitcode", "-out=test.plan"), self.directory)
        assert run.returncode in (0, 2), run.stdout + run.stderr
        if run.returncode == 0:
            return {}
        plan = json.loads(self.terraform("show", "-json", "test.plan"))
        changes = {item["address"]: item["change"]["actions"] for item in plan["resource_changes"]}
        found = {address: actions for address, actions in changes.items() if actions not in (["no-op"], ["read"])}
        assert found, f"outputs alone would change: {run.stdout}"
        return found

    def outputs(self) -> dict[str, Any]:
        return {name: item["value"] for name, item in json.loads(self.terraform("output", "-json")).items()}

    def client(self, service: str) -> Any:
        import boto3

        keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test", "region_name": "us-east-1"}
        return boto3.client(service, endpoint_url=self.aws.url, **keys)

    def copy(self, folder: Path) -> Stack:
        """The same environment in another fake AWS, which remembers what this one did up to now."""
        shutil.copytree(self.folder, folder / "project", symlinks=True)
        shutil.copy(self.aws.state, folder / "fake-aws.state")
        settings: dict[str, Any] = json.loads(json.dumps(self.settings))
        return Stack(folder / "project", FakeAwsProcess(folder), settings)

    def _run(self, arguments: tuple[str, ...], directory: Path) -> subprocess.CompletedProcess[str]:
        overlay = self._overlay(load(self.folder, "test").environment)
        environ = {key: value for key, value in (os.environ | overlay).items() if value is not None}
        argv = ["terraform", *arguments]
        return subprocess.run(argv, cwd=directory, env=environ, capture_output=True, text=True)

    def _overlay(self, environment: Environment) -> dict[str, str | None]:
        overlay = terraform_environment(environment.aws, self.folder, self.folder / ".opsctl", os.environ)
        keys = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_PROFILE": None}
        return (
            overlay | keys | {"AWS_ENDPOINT_URL": self.aws.url, "HTTP_PROXY": self.aws.url, "TF_CLI_ARGS": "-no-color"}
        )
