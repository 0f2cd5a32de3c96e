"""`sandbox up` on a real node: it is whole when `up` returns, twice is once, and what died comes back."""

from __future__ import annotations

import http.client
import json
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from opsctl.sandbox import folder, node, state

pytestmark = pytest.mark.cluster

PARTS = ("containerd", "etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubelet", "kube-proxy")


def test_when_up_returns_everything_is_well_and_state_files_tell_where(sandbox):
    found = sandbox.up()

    code, rows = sandbox.status()
    assert code == 0
    assert set(rows) == {"node", *PARTS, "fake-aws"}
    assert all(row["well"] and os.path.exists(row["log"]) for row in rows.values())
    assert "sandbox" in sandbox.kubectl("get", "nodes", "-o", "name", "--context", "sandbox")
    assert os.stat(found["kubeconfig"]).st_mode & 0o777 == 0o600
    profile = Path(found["aws_config"]).read_text()
    assert "[profile sandbox]" in profile
    assert f"endpoint_url = {found['aws_endpoint']}" in profile
    assert os.access(os.path.join(found["toolchain_bin"], "helm"), os.X_OK)


def test_up_again_changes_nothing_and_takes_seconds(sandbox):
    sandbox.up()
    before = sandbox.pids()
    pods = _scheduled(sandbox)

    begin = time.monotonic()
    sandbox.up()

    assert time.monotonic() - begin < 10  # 0.5 s on a quiet computer
    assert sandbox.pids() == before
    assert _scheduled(sandbox) == pods


def _scheduled(sandbox):
    """Every pod there ever was. Other events of a pod, its end above all, may be written a while after it."""
    return sandbox.kubectl("get", "events", "-A", "--field-selector", "reason=Scheduled", "-o", "name")


@pytest.mark.parametrize("part", [*PARTS, "node", "fake-aws"])
def test_up_repairs_what_was_killed(sandbox, part):
    sandbox.up()
    before = sandbox.pids()

    os.kill(before[part][0], signal.SIGKILL)
    sandbox.up()  # which runs a pod, as processes changed

    code, rows = sandbox.status()
    assert code == 0
    assert (rows[part]["pid"], rows[part]["since"]) != before[part]


def test_up_repairs_a_node_whose_first_process_was_killed(sandbox):
    sandbox.up()
    init = node.find(sandbox.at).init

    os.kill(init, signal.SIGKILL)
    sandbox.up()

    assert sandbox.status()[0] == 0
    assert node.find(sandbox.at).init != init
    _run_pod(sandbox)


@pytest.mark.parametrize("part", ["kube-scheduler", "fake-aws"])
def test_status_shows_a_silent_part_and_up_replaces_it(sandbox, part):
    sandbox.up()
    pid = sandbox.pids()[part][0]
    os.kill(pid, signal.SIGSTOP)

    code, rows = sandbox.status()
    assert code == 1
    assert [name for name, row in rows.items() if not row["well"]] == [part]
    assert rows[part]["pid"] == pid

    sandbox.up()
    assert sandbox.status()[0] == 0
    assert sandbox.pids()[part][0] != pid


def test_status_shows_a_dead_process(sandbox):
    sandbox.up()
    os.kill(sandbox.pids()["fake-aws"][0], signal.SIGKILL)

    code, rows = sandbox.status()

    assert code == 1
    assert (rows["fake-aws"]["pid"], rows["fake-aws"]["well"]) == (None, False)
    text = sandbox.run("status").stdout
    assert [line.split()[:4] for line in text.splitlines() if "fake-aws" in line] == [["fake-aws", "-", "-", "dead"]]


def test_up_repairs_a_lost_interface(sandbox):
    sandbox.up()
    subprocess.run(["ip", "link", "delete", sandbox.at.interface], check=True)

    sandbox.up()

    assert sandbox.status()[0] == 0


def test_two_ups_at_once_make_one_sandbox(new_sandbox):
    sandbox = new_sandbox()

    both = [subprocess.Popen(sandbox.command("up", "-o", "json"), stdout=subprocess.PIPE, text=True) for _ in range(2)]
    found = [json.loads(process.communicate(timeout=240)[0]) for process in both]

    assert [process.returncode for process in both] == [0, 0]
    assert found[0] == found[1]
    assert found[0]["init_pid"] == node.find(sandbox.at).init


def test_ctrl_c_says_what_runs_on_and_the_next_up_goes_on(new_sandbox, eventually):
    sandbox = new_sandbox()
    first = subprocess.Popen(sandbox.command("up"), stderr=subprocess.PIPE, text=True, start_new_session=True)
    eventually((sandbox.at.root / "node" / "running.json").exists, "a started node", 60)
    os.killpg(first.pid, signal.SIGINT)  # as a terminal does, to the whole foreground group
    said = first.communicate(timeout=60)[1]

    assert first.returncode == 130
    assert "What was started goes on running." in said
    assert "Traceback" not in said
    assert node.find(sandbox.at)

    sandbox.up()
    assert sandbox.status()[0] == 0


@pytest.mark.parametrize("milestone", ["fake-aws.pid", "node.pid", "proven.json"])
def test_up_killed_at_any_moment_is_repaired_by_the_next(new_sandbox, traces, eventually, milestone):
    sandbox = new_sandbox()
    first = subprocess.Popen(sandbox.command("up"), stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    eventually((sandbox.at.root / milestone).exists, milestone, 60)
    first.kill()
    first.wait()

    sandbox.up()

    assert sandbox.status()[0] == 0
    mine = str(sandbox.project).encode()
    outermost = [pid for pid in _pids() if mine in _cmdline(pid) and b"unshare" in _cmdline(pid)]
    assert outermost == [sandbox.host().pid]
    servers = [pid for pid in _pids() if mine in _cmdline(pid) and b"opsctl.sandbox.fake_aws" in _cmdline(pid)]
    assert servers == [sandbox.pids()["fake-aws"][0]]


def test_a_node_port_answers_on_loopback_inside_and_on_the_node_address(sandbox, eventually):
    sandbox.up()
    _deploy_agent(sandbox)
    port = int(sandbox.kubectl("get", "service", "agent", "-o", "jsonpath={.spec.ports[0].nodePort}"))
    found = state.load(sandbox.project)

    inside = node.inside(found.init_pid, ["curl", "-sS", "-m", "5", f"http://127.0.0.1:{port}/version"])
    eventually(lambda: subprocess.run(inside, capture_output=True, check=False).returncode == 0, "an answer")
    assert json.loads(subprocess.run(inside, capture_output=True, check=True).stdout)["version"] == "1.1.0"

    connection = http.client.HTTPConnection(found.address, port, timeout=5)
    connection.request("GET", "/version")
    assert json.loads(connection.getresponse().read())["version"] == "1.1.0"
    assert "listening" in sandbox.kubectl("logs", "deployment/agent")
    sandbox.kubectl("delete", "deployment,service", "agent", "--now")


def test_an_image_that_does_not_exist_is_known_within_seconds(sandbox, eventually):
    sandbox.up()
    sandbox.kubectl("run", "nothing", "--image=ai-agent-sdk:9.9.9", "--restart=Never")

    def reason() -> str:
        return sandbox.kubectl(
            "get", "pod", "nothing", "-o", "jsonpath={.status.containerStatuses[*].state.waiting.reason}"
        )

    eventually(lambda: reason() in ("ErrImagePull", "ImagePullBackOff"), "ErrImagePull", 15)
    sandbox.kubectl("delete", "pod", "nothing", "--now")


def _deploy_agent(sandbox) -> None:
    image = ["--image=ai-agent-sdk:1.1.0", "--port=8000"]
    sandbox.kubectl("create", "deployment", "agent", *image)
    sandbox.kubectl("rollout", "status", "deployment/agent", "--timeout=60s")
    sandbox.kubectl("expose", "deployment", "agent", "--type=NodePort", "--port=8000")


def _run_pod(sandbox) -> None:
    """A pod of the sandbox's own image gets to run: every part did its share."""
    sandbox.kubectl("run", "proof", "--image=opsctl-pause:1", "--image-pull-policy=Never")
    sandbox.kubectl("wait", "pod/proof", "--for=condition=Ready", "--timeout=45s")
    sandbox.kubectl("delete", "pod", "proof", "--now")


def _pids() -> list[int]:
    return [int(name) for name in os.listdir("/proc") if name.isdigit()]


def _cmdline(pid: int) -> bytes:
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as text:
            return text.read()
    except OSError:
        return b""


def test_a_pod_reaches_the_api_by_its_service_and_is_refused_elsewhere_at_once(sandbox):
    """No name server and no way out: what tries must fail in no time, not after a timeout."""
    sandbox.up()
    sandbox.kubectl("run", "probe", "--image=ai-agent-sdk:1.0.0")
    sandbox.kubectl("wait", "pod/probe", "--for=condition=Ready", "--timeout=45s")

    said = sandbox.kubectl("exec", "probe", "--", "python3", "-c", _TRY)

    outcomes = {line.split()[0]: (float(line.split()[1]), line) for line in said.splitlines()}
    assert "403" in outcomes["api"][1]  # verified by the mounted CA; the default account may read nothing
    assert "name resolution" in outcomes["name"][1]
    assert "unreachable" in outcomes["out"][1]
    assert max(seconds for seconds, _ in outcomes.values()) < 2, said
    sandbox.kubectl("delete", "pod", "probe", "--now")


_TRY = """
import socket, ssl, time, urllib.request
account = "/var/run/secrets/kubernetes.io/serviceaccount/"
headers = {"Authorization": "Bearer " + open(account + "token").read()}
request = urllib.request.Request("https://10.96.0.1/api/v1/pods", headers=headers)
tls = ssl.create_default_context(cafile=account + "ca.crt")
for name, attempt in (
    ("api", lambda: urllib.request.urlopen(request, context=tls, timeout=5)),
    ("name", lambda: socket.getaddrinfo("example.invalid", 80)),
    ("out", lambda: socket.create_connection(("192.0.2.200", 80), timeout=5)),
):
    begin = time.monotonic()
    try:
        attempt()
    except OSError as error:
        print(name, round(time.monotonic() - begin, 2), error)
"""


def test_changed_settings_reach_the_node_even_if_the_up_that_wrote_them_was_killed(sandbox):
    """The files then look as wanted already; what counts is what the node was started with."""
    sandbox.up()
    before = sandbox.pids()
    folder.write_json(sandbox.at.node / "follows.json", "what an older opsctl wanted")

    sandbox.up()

    assert sandbox.pids()["node"] != before["node"]
    assert sandbox.status()[0] == 0
