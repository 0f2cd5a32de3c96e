"""Errors and Ctrl-C as a user meets them."""

from __future__ import annotations

import errno
import json
import signal
import subprocess
import sys

import pytest
import typer

from opsctl.cli.exits import run
from opsctl.core.apply_events import Trouble
from opsctl.core.infra_errors import explain
from opsctl.errors import ExitCode


def test_ctrl_c_anywhere_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    app = typer.Typer()

    @app.command()
    def interrupted() -> None:
        raise KeyboardInterrupt

    assert run(app, []) == ExitCode.INTERRUPTED
    said = capsys.readouterr().err
    assert "interrupted" in said
    assert "next" in said


def test_scripts_get_a_card_for_each_error_of_terraform(capsys: pytest.CaptureFixture[str]) -> None:
    app = typer.Typer()
    refused = Trouble(
        "creating ECR Repository (x): operation error ECR: CreateRepository, https response error StatusCode: 400, "
        "RequestID: 1, RepositoryAlreadyExistsException: exists",
        address="module.registry.aws_ecr_repository.this",
    )

    @app.command()
    def provision(output: str = typer.Option("text", "--output", "-o")) -> None:
        raise explain("the apply", [refused], state="Nothing was changed.")

    assert run(app, ["-o", "json"]) == ExitCode.FAILED
    found = json.loads(capsys.readouterr().out)["error"]
    assert [(card["address"], card["cause"], card["code"]) for card in found["cards"]] == [
        ("module.registry.aws_ecr_repository.this", "conflict", "RepositoryAlreadyExistsException")
    ]


def test_a_full_disk_is_nobodys_defect(capsys: pytest.CaptureFixture[str]) -> None:
    app = typer.Typer()

    @app.command()
    def plan() -> None:
        raise OSError(errno.ENOSPC, "No space left on device", "plan.json")

    assert run(app, []) == ExitCode.FAILED
    said = capsys.readouterr().err
    assert "error: plan.json: No space left on device" in said
    assert "make room" in said
    assert "did not expect" not in said


@pytest.mark.process
def test_a_wish_to_stop_is_heard_in_the_background_job_of_a_script() -> None:
    words = (
        "import signal, sys; sys.argv = ['opsctl', '--version']\n"
        "from opsctl.cli.exits import main\n"
        "try: main()\n"
        "except SystemExit: print({signal.getsignal(n) for n in (2, 15)} == {signal.default_int_handler})"
    )
    done = subprocess.run(
        [sys.executable, "-c", words], capture_output=True, text=True, check=True, timeout=30,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_IGN),
    )  # fmt: skip
    assert done.stdout.splitlines()[-1] == "True"
