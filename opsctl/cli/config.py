"""`opsctl config`: is the environment file right, what does it come to, and what is each key for."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from opsctl.cli.options import (
    HERE,
    EnvOption,
    NoColorOption,
    OutputOption,
    ProjectOption,
    VerboseOption,
    make_console,
)
from opsctl.cli.suggesting import Group
from opsctl.console import Output

if TYPE_CHECKING:
    from opsctl.config import Loaded

app = typer.Typer(cls=Group, no_args_is_help=True, help="Check, show and explain the environment file.")


@app.command()
def check(
    env: EnvOption = None,
    project: ProjectOption = HERE,
    output: OutputOption = Output.TEXT,
    verbose: VerboseOption = False,
    no_color: NoColorOption = False,
) -> None:
    """Name every mistake of one environment, or all, at once.

    Exit code 3 where there is a mistake. Advice is printed and fails nothing.
    Without --env, two environments that make the same thing of one AWS account are a mistake, too.

    Example: opsctl config check --env production
    """
    from opsctl.config import load_all

    console = make_console(output, verbose, no_color)
    checked = [_checked(loaded) for loaded in load_all(project, env)]
    console.data({"environments": checked}, "".join(map(_checked_text, checked)))


@app.command()
def show(
    env: EnvOption = None,
    project: ProjectOption = HERE,
    output: OutputOption = Output.TEXT,
    verbose: VerboseOption = False,
    no_color: NoColorOption = False,
) -> None:
    """Show every value in effect, and where it came from.

    A value comes from a file's line, a default, or other keys.

    Example: opsctl config show --env production | grep database
    """
    from dataclasses import asdict

    from opsctl.config import load

    console = make_console(output, verbose, no_color)
    loaded = load(project, env)
    found = {
        "environment": loaded.environment.name,
        "digest": loaded.digest,
        "values": _sayable(asdict(loaded.environment), ""),
        "origins": {path: str(origin) for path, origin in loaded.provenance.items()},
    }
    console.data(found, _values_text(loaded))


@app.command()
def explain(
    key: Annotated[str, typer.Argument(metavar="KEY", help="A key such as network.cidr, or a section.")],
    env: EnvOption = None,
    project: ProjectOption = HERE,
    output: OutputOption = Output.TEXT,
    verbose: VerboseOption = False,
    no_color: NoColorOption = False,
) -> None:
    """Explain a key: its value, what is allowed, what it is for.

    Says where the value is from and what it feeds, too.
    Works for a file with mistakes and outside a project, too; then without the value.

    Example: opsctl config explain workload.replicas --env production
    """
    from opsctl.cli.explained import explained, explained_text
    from opsctl.config import known_keys

    console = make_console(output, verbose, no_color)
    loaded, problem = _if_loadable(project, env)
    found = [explained(path, loaded) for path in known_keys(key)]
    console.data(found if len(found) > 1 else found[0], "\n".join(map(explained_text, found)))
    if problem:
        console.say(f"  values are left out: {problem}")


@app.command()
def schema(verbose: VerboseOption = False, no_color: NoColorOption = False) -> None:
    """Print the JSON Schema of an environment file.

    For editors that complete and check while one types.

    Example: opsctl config schema > environments/schema.json
    """
    from opsctl.config.schema import json_schema

    make_console(Output.JSON, verbose, no_color).data(json_schema())


def _if_loadable(project: Path, env: str | None) -> tuple[Loaded | None, str]:
    """The environment, or why it cannot be had. Explaining a key must not need a file without mistakes."""
    from opsctl.config import load
    from opsctl.errors import ConfigurationError, UsageError

    try:
        return load(project, env), ""
    except (ConfigurationError, UsageError) as error:
        return None, error.message


def _checked(loaded: Loaded) -> dict[str, Any]:
    from opsctl.core.advice import advice

    found = advice(loaded.environment, date.today())
    origins = {finding.path: loaded.provenance[finding.path] for finding in found}
    return {
        "environment": loaded.environment.name,
        "file": loaded.file,
        "valid": True,
        "digest": loaded.digest,
        "advice": [{"path": f.path, "message": f.message, "origin": str(origins[f.path])} for f in found],
    }


def _checked_text(checked: dict[str, Any]) -> str:
    lines = [f"{checked['file']}: valid"]
    lines += [f"  advice  {each['path']:<26} {each['message']}" for each in checked["advice"]]
    return "\n".join(lines) + "\n"


def _sayable(value: Any, path: str) -> Any:
    from opsctl.core.words import sayable

    if isinstance(value, dict):
        return {name: _sayable(inner, f"{path}.{name}".removeprefix(".")) for name, inner in value.items()}
    return sayable(path, value)


def _values_text(loaded: Loaded) -> str:
    from opsctl.core.keys import keys, value_at
    from opsctl.core.words import sayable, shown

    lines, width = [], max(map(len, keys()))
    for path in keys():
        value = shown(sayable(path, value_at(loaded.environment, path)))
        lines.append(f"{path:<{width}} {value:<24} {loaded.provenance[path]}")
    return "\n".join(lines)
