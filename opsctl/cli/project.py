"""`opsctl init` and `opsctl render`: a project's first files, and what its environments come to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from opsctl.cli.options import (
    HERE,
    EnvOption,
    NoColorOption,
    OutputOption,
    ProjectOption,
    VerboseOption,
    make_console,
)
from opsctl.console import Console, Output
from opsctl.errors import Unreachable

if TYPE_CHECKING:
    from opsctl.core.environment import Environment


def init(
    project: ProjectOption = HERE,
    output: OutputOption = Output.TEXT,
    verbose: VerboseOption = False,
    no_color: NoColorOption = False,
) -> None:
    """Write a first set of environment files; overwrites nothing.

    They are _base, development, staging, production and sandbox.

    Example: opsctl init -C my-service
    """
    from opsctl.tools.scaffold import scaffold

    console = make_console(output, verbose, no_color)
    done = scaffold(project)
    for path in done.kept:
        console.step("kept", f"{path} (there already)", state="skipped")
    console.data(asdict(done), "".join(f"{path}\n" for path in done.written) or "nothing to write\n")
    console.say("  next   opsctl config check · then fill in what production.yaml calls OPEN")
    console.say("  try    opsctl sandbox up · export OPSCTL_ENV=sandbox · opsctl provision · opsctl deploy")


def render(
    env: EnvOption = None,
    project: ProjectOption = HERE,
    output: OutputOption = Output.TEXT,
    verbose: VerboseOption = False,
    no_color: NoColorOption = False,
) -> None:
    """Write .opsctl/ENV/: Terraform and Helm, to use as they are.

    They work without opsctl. Only files that differ are written; files that an earlier rendering left over are removed.
    Where something was provisioned, the values say where it is, as of the last apply on record.

    Example: opsctl render --env production
    """
    from opsctl.config import load
    from opsctl.tools.rendered import write

    console = make_console(output, verbose, no_color)
    loaded = load(project, env)
    done = write(project, loaded.environment, _outputs(console, project, loaded.environment))
    changes = f"{len(done.files)} files, {len(done.written)} written, {len(done.removed)} removed"
    console.step("rendered", f"{loaded.environment.name}: {changes}")
    if loaded.environment.aws.account_id is None:
        console.step("open", f"aws.account_id is not in {loaded.file}; Terraform refuses to plan without", state="note")
    found = {"environment": loaded.environment.name, "digest": loaded.digest, **asdict(done)}
    console.data({**found, "folder": str(done.folder)}, _listing(done.folder.as_posix(), done.files))


def _outputs(console: Console, project: Path, environment: Environment) -> Mapping[str, Any]:
    """By the same record as `deploy` goes by. Without an answer a release is refused; files are only incomplete."""
    from opsctl.wiring import known_outputs

    try:
        found = known_outputs(project, environment)
    except Unreachable as error:
        console.step("outputs", f"not in the values: {error.message}", state="note")
        return {}
    console.step("outputs", f"of {found.source}" if found.source else "none on record, so the values name no addresses")
    return found.values


def _listing(folder: str, files: tuple[str, ...]) -> str:
    return "".join(f"{folder}/{path}\n" for path in files if not path.startswith("terraform/modules/"))
