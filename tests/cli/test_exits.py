"""Errors and Ctrl-C as a user meets them."""

from __future__ import annotations

import pytest
import typer

from opsctl.cli.exits import run
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
