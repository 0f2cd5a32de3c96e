"""`sandbox up`: makes true, one after the other, all that a running sandbox is. What is true already costs a look."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from opsctl.console import Console
from opsctl.errors import Interrupted, OpsError
from opsctl.sandbox import api, aws, folder, health, images, network, node, pki, proof, requirements, state
from opsctl.sandbox.folder import Folder
from opsctl.sandbox.network import Link
from opsctl.sandbox.node import Node
from opsctl.sandbox.parts import Part, parts
from opsctl.sandbox.settings import CONTAINERD
from opsctl.sandbox.state import State
from opsctl.sandbox.toolchain import build, link_helm

_PARTS_S = 120.0
_STUCK_S = 10.0  # a part that gives no answer for so long is killed, and its supervisor starts it again,
_YOUNG_S = 30.0  # unless it is younger than this: on a busy computer a start takes its time
_READY_S = 60.0


def up(project: Path, console: Console) -> State:
    """Bring the project's sandbox up, or repair it, and return what others need to know of it."""
    requirements.check()
    toolchain = build.ensure(console)
    link_helm()
    at = folder.at(project)
    try:
        with folder.change(at, console):
            return _up(at, toolchain, console)
    except KeyboardInterrupt as error:
        hint = "opsctl sandbox up goes on from here; opsctl sandbox down stops it"
        raise Interrupted("interrupted", state="What was started goes on running.", hint=hint) from error


def _up(at: Folder, toolchain: Path, console: Console) -> State:
    server = _fake_aws(at)
    link = node.link(at)
    running = _node(at, link, toolchain, console)
    _images(at, running, toolchain, console)
    _cluster(at, link, running, toolchain, console)
    with console.progress("aws", f"fake AWS at {server.endpoint}") as progress:
        aws.wait(at, server, progress.show)
    return _publish(at, link, running, server, toolchain)


def _fake_aws(at: Folder) -> aws.FakeAws:
    """The running fake AWS, or a new one if there is none or it does not answer. It starts while the node does."""
    server = aws.find(at)
    if server and aws.responds(server, _STUCK_S):
        return server
    aws.stop(at)
    return aws.start(at)


def _node(at: Folder, link: Link, toolchain: Path, console: Console) -> Node:
    """The running node, or a new one if there is none, its settings changed, or its interface is gone."""
    digest = node.prepare(at, link, toolchain)
    running = node.find(at)
    if running and node.follows(at, digest) and network.exists(at.interface):
        return running
    with console.progress("node", f"own namespaces, address {link.node}"):
        node.stop(at)
        return node.start(at, link, digest)


def _images(at: Folder, running: Node, toolchain: Path, console: Console) -> None:
    socket = Path(f"/proc/{running.init}/root{CONTAINERD}")
    with console.progress("images", "waiting for containerd") as progress:
        _await(partial(health.accepts, str(socket)), _PARTS_S, "containerd does not answer", progress.show)
        progress.update("pause, sample agent (at first about 10 s)")
        found = images.wanted(toolchain, at.node / "images", progress.show)
        loaded = images.load(found, socket, at.node / "images" / "import.tar")
        progress.detail = f"{len(found)} images {'imported' if loaded else 'there'}"


def _cluster(at: Folder, link: Link, running: Node, toolchain: Path, console: Console) -> None:
    """Wait until every part is well and the node Ready; then prove it by a pod."""
    folder.write(at.kubeconfig, pki.kubeconfig(at.node / "pki", "admin", f"https://{link.node}:6443"))
    client = api.connect(at.kubeconfig)
    with console.progress("cluster", "waiting for every part") as progress:
        _parts_well(at, link, running, parts(link.node, toolchain), progress.show)
        progress.update("waiting for the node to be Ready")
        _await(partial(proof.node_ready, client), _READY_S, "the node does not become Ready", progress.show)
        progress.update("running a first pod")
        _prove(at, running, client)
        progress.detail = "every part is well, a pod ran"


def _prove(at: Folder, running: Node, client: api.Api) -> None:
    """Run a pod, unless one has run with exactly these processes."""
    processes = {name: [part.pid, part.started] for name, part in node.running(at, running).items()}
    if folder.read_json(at.root / "proven.json") != processes:
        proof.run_pod(client)
        folder.write_json(at.root / "proven.json", processes)


def _parts_well(at: Folder, link: Link, running: Node, wanted: tuple[Part, ...], tick: Callable[[], None]) -> None:
    """Wait until all parts answer. One that lives but stays silent is killed, and so started again."""
    begin = time.monotonic()
    while silent := [part.name for part in wanted if not health.is_well(part.health_at(link.node, running.init))]:
        waited = time.monotonic() - begin
        if waited > _PARTS_S:
            raise OpsError(f"no answer from {', '.join(silent)} for {waited:.0f} s", hint=f"read {at.logs}")
        if waited > _STUCK_S:
            _kill_stuck(at, running, silent)
        tick()
        time.sleep(0.05)


def _kill_stuck(at: Folder, running: Node, names: list[str]) -> None:
    for name, part in node.running(at, running).items():
        if name in names and time.time() - part.started_at() > _YOUNG_S:
            part.signal(signal.SIGKILL)


def _await(condition: Callable[[], bool], seconds: float, failure: str, tick: Callable[[], None]) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise OpsError(f"{failure} within {seconds:.0f} s", hint="opsctl sandbox status names the logs")
        tick()
        time.sleep(0.05)


def _publish(at: Folder, link: Link, running: Node, server: aws.FakeAws, toolchain: Path) -> State:
    """Write the AWS profile and, last, the state file."""
    folder.write(at.aws / "config", aws.config(server))
    known = State(
        project=str(at.project),
        address=link.node,
        host=link.host,
        init_pid=running.init,
        kubeconfig=str(at.kubeconfig),
        context="sandbox",
        aws_config=str(at.aws / "config"),
        aws_profile=aws.PROFILE,
        aws_endpoint=server.endpoint,
        aws_port=server.port,
        toolchain_bin=str(toolchain),
    )
    state.save(at, known)
    return known
