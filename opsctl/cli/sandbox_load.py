"""`opsctl sandbox load`: find the front door of the service in the sandbox, then become the meter."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from opsctl.cli.options import HERE, OutputOption, ProjectOption
from opsctl.console import Output
from opsctl.errors import OpsError

if TYPE_CHECKING:
    from opsctl.sandbox.state import State

APPLICATION = "ai-agent-sdk"


def load(
    project: ProjectOption = HERE,
    namespace: Annotated[str, typer.Option(help="Namespace of the active Service.")] = APPLICATION,
    service: Annotated[str, typer.Option(help="The active Service, or the application's name.")] = APPLICATION,
    rate: Annotated[float, typer.Option(help="Requests a second, each on a new connection.")] = 300,
    kept: Annotated[float, typer.Option(help="Requests a second on kept connections.")] = 100,
    agents: Annotated[int, typer.Option(help="WebSockets to hold; each comes back when it is closed.")] = 100,
    duration: Annotated[float, typer.Option(help="Seconds, at most 3600. Ctrl-C ends it early, with the report.")] = 60,
    stats: Annotated[bool, typer.Option("--stats", help="One JSON line a second on stdout.")] = False,
    output: OutputOption = Output.TEXT,
) -> None:
    """Send constant load to the sandbox, and count what is lost.

    Counts each lost request and each unplanned close. It never retries. The load stays on this computer.

    Example: opsctl sandbox load --rate 300 --agents 100 --duration 60
    """
    from opsctl.sandbox import node, state

    found = state.load(project)
    api, websocket = front_door(_read_services(found, namespace, service), project)
    words = ["--api-port", api, "--ws-port", websocket, "--rate", rate, "--kept", kept, "--agents", agents]
    words += ["--duration", duration, *(["--stats"] if stats else []), *(["--json"] if output is Output.JSON else [])]
    argv = node.inside(found.init_pid, [sys.executable, "-m", "opsctl.sandbox.load", *map(str, words)])
    try:
        os.execvp(argv[0], argv)  # this process becomes the meter, so signals and exit code need no forwarding
    except OSError as error:
        raise OpsError(f"cannot run {argv[0]}: {error.strerror}", hint="run `make setup`") from error


def front_door(services: list[dict[str, Any]], project: Path) -> tuple[int, int]:
    """The node ports of the API and of the WebSockets, which may be of one Service or of two. Raises OpsError if users
    could not come in either."""
    if not services:
        raise OpsError(
            "there is no active Service yet: nothing was released",
            state="No load was sent.",
            hint=f"opsctl deploy --color blue -C {project}",
        )
    ports = {port["name"]: port.get("nodePort") for service in services for port in service["spec"]["ports"]}
    if not ports.get("api") or not ports.get("websocket"):
        names = " and ".join(service["metadata"]["name"] for service in services)
        raise OpsError(
            f"Service {names} has no node ports for api and websocket",
            state="No load was sent.",
            hint="the sandbox needs an active Service of type NodePort",
        )
    return ports["api"], ports["websocket"]


def _read_services(found: State, namespace: str, name: str) -> list[dict[str, Any]]:
    """The one of that name; of an application that is split the one of each workload."""
    from opsctl.core.workloads import AGENTS, API
    from opsctl.sandbox import process

    access = ["--kubeconfig", found.kubeconfig, "--context", found.context, "--request-timeout=5s"]
    names = [name, f"{name}-{API}", f"{name}-{AGENTS}"]
    get = ["get", "service", *names, "--namespace", namespace, "--ignore-not-found", "--output", "json"]
    text = process.run(["kubectl", *access, *get], seconds=15)
    services: list[dict[str, Any]] = json.loads(text)["items"] if text.strip() else []
    return services
