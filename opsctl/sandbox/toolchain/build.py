"""Builds what is missing of the toolchain: `python -m opsctl.sandbox.toolchain.build`, or the first `sandbox up`.

Several of these at once are safe: one builds, the others wait and find the work done. A program appears in the folder
only when it is whole.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from opsctl.console import Console
from opsctl.errors import Interrupted
from opsctl.sandbox import folder, process, toolchain
from opsctl.sandbox.toolchain import MODULES, Program

_BUSY = "another process has been building the toolchain for an hour"
_WAIT_S = 3600.0


def ensure(console: Console) -> Path:
    """Build every missing program, with progress, and return the folder that holds all of them."""
    into = toolchain.folder()
    if not toolchain.missing():
        return into
    into.mkdir(parents=True, exist_ok=True)
    minutes = sum(program.minutes for program in toolchain.missing())
    console.say(f"Building the toolchain once, about {max(1, round(minutes))} min on two cores, into {into}")
    waiting = partial(console.say, "Another process builds it already: waiting for that.")
    with _explained(), folder.locked(into.parent / "lock", _BUSY, _WAIT_S, waiting):
        missing = toolchain.missing()
        for place, program in enumerate(missing, 1):
            build(program, into, console, f"{place} of {len(missing)}")
    return into


@contextmanager
def _explained() -> Iterator[None]:
    try:
        yield
    except KeyboardInterrupt as error:
        raise Interrupted("interrupted", state="What is built is kept.", hint="the same command goes on") from error


def build(program: Program, into: Path, console: Console, place: str) -> None:
    """Build one program into an existing folder; `place` says which of how many. Raises ToolFailed."""
    usual = f"usually {program.minutes * 60:.0f} s"
    with console.progress("build", f"{place}: {program.name} ({usual})") as progress:
        draft, log = into.parent / f".{program.name}", into.parent / f"{program.name}.log"
        env = {**os.environ, "CGO_ENABLED": "0", "GOFLAGS": "-buildvcs=false -mod=readonly"}
        argv = ["go", "build", "-C", str(MODULES / program.module), "-trimpath", "-ldflags", _flags(program)]
        process.run_long([*argv, "-o", str(draft), program.package], log, env=env, tick=progress.show)
        draft.replace(into / program.name)


def _flags(program: Program) -> str:
    """Without its version a Kubernetes program fails every check between versions."""
    if program.module != "kubernetes":
        return "-s -w"
    found = re.search(r"k8s\.io/kubernetes (v(\d+)\.(\d+)\.\d+)", (MODULES / "kubernetes" / "go.mod").read_text())
    assert found, "kubernetes/go.mod requires k8s.io/kubernetes"
    values = dict(zip(("gitVersion", "gitMajor", "gitMinor"), found.groups(), strict=True))
    version = " ".join(f"-X k8s.io/component-base/version.{name}={value}" for name, value in values.items())
    return f"-s -w {version}"


if __name__ == "__main__":
    ensure(Console())
