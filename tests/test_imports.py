"""Heavy libraries are loaded by the adapter that needs them, when it needs them."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = {
    "boto3",
    "botocore",
    "jinja2",
    "kubernetes",
    "moto",
    "ruamel",
    "urllib3",
    "websocket",
    "websockets",
}
SCRIPT = """
import sys
from opsctl.cli.exits import run
from opsctl.cli import app
code = run(app, sys.argv[1:])
print("loaded", *sorted({name.partition(".")[0] for name in sys.modules}), file=sys.stderr)
sys.exit(code)
"""


@pytest.mark.process
@pytest.mark.parametrize(
    "words", [["--help"], ["deploy", "--help"], ["status", "--help"], ["report", "--help"], ["--version"]]
)
def test_help_loads_nothing_heavy(words: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, *words], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    loaded = set(done.stderr.splitlines()[-1].split())
    assert "typer" in loaded
    assert not loaded & HEAVY
