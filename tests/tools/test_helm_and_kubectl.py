"""What is typed for Helm and kubectl, word by word, and what a failure of theirs becomes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from opsctl.assets import asset
from opsctl.core.bindings import Bound
from opsctl.core.color import Color
from opsctl.core.environment import Application, Environment
from opsctl.core.release import Kind, Phase, Rollout
from opsctl.core.sizes import AGENT
from opsctl.errors import ToolFailed, Unreachable
from opsctl.render.places import NOTHING
from opsctl.render.values import app_values, edge_values
from opsctl.tools import helm as module
from opsctl.tools import kubectl
from opsctl.tools.cluster.helm_records import LONGEST_S
from opsctl.tools.cluster.names import Names
from opsctl.tools.helm import Helm, HelmCharts, helm_program
from opsctl.tools.process import Command, Finished

NAMES = Names("apps", "agent")
HELM = Helm("helm", Path("/k"), "there", "apps")
ENVIRONMENT = Environment(name="test", application=Application(name="agent"))


def test_helm_installs_and_waits_for_nothing() -> None:
    command = HELM.upgrade_command("agent-blue", "app", Path("/v.json"))
    assert command.argv == (
        "helm", "upgrade", "--install", "agent-blue", str(asset("helm") / "app"), "--namespace", "apps",
        "--values", "/v.json", "--history-max", "10", "--output", "json",
        "--kubeconfig", "/k", "--kube-context", "there",
    )  # fmt: skip
    assert "make setup" in command.remedy


def test_without_a_kubeconfig_helm_takes_its_own() -> None:
    argv = Helm("helm", None, None, "apps").upgrade_command("r", "app", Path("/v")).argv
    assert not {"--kubeconfig", "--kube-context"} & set(argv)


ARN = "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/agent-api-blue/6d0ecf831eec9f09"
PROVISIONED = {"edge": {"target_group_arns": {"api-blue": ARN}}}


class Charts:
    """`HelmCharts` whose Helm only remembers."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, outputs: Mapping[str, Any] = NOTHING) -> None:
        self.installed: list[tuple[str, str, Any]] = []
        self.ensured: list[Environment] = []
        self.repaired: list[str] = []
        self.checked = 0
        self.asked_for_the_lock = 0
        monkeypatch.setattr(Helm, "upgrade", lambda _, *words: self.installed.append(words))
        self.outputs = lambda: outputs
        # one object stands in for traffic, records and bindings: what is tested is their order
        self.charts = HelmCharts(HELM, NAMES, self, self, ENVIRONMENT, self.still_ours, self)  # type: ignore[arg-type]

    def read(self) -> Bound:
        return Bound("apps", known=True, gated=True)

    def repair(self, release: str) -> None:
        assert len(self.repaired) == len(self.installed), "what a dead Helm left goes before the upgrade"
        self.repaired.append(release)

    def still_ours(self) -> None:
        assert len(self.repaired) == len(self.installed) + 1, "the lock is made sure of right before Helm starts"
        self.checked += 1

    def ensure(self, environment: Environment) -> None:
        self.ensured.append(environment)


def test_a_release_is_installed_as_recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = Charts(monkeypatch)
    values = app_values(ENVIRONMENT, Color.BLUE, "agent:1", {"A": "1"})
    rollout = Rollout(
        id=9, kind=Kind.ROLLBACK, release=7, color=Color.GREEN, origin=Color.BLUE, image="agent:1", settings={"A": "1"},
        sizes={AGENT: 2}, started_at=0, started_by="ana", phase=Phase.WARMING, phase_since=0, values=values,
    )  # fmt: skip
    seen.charts.install(rollout)
    ((release, chart, told),) = seen.installed
    assert (seen.repaired, seen.checked) == (["agent-green"], 1)
    assert (release, chart) == ("agent-green", "app")
    assert told == {**values, "color": "green", "release": {"id": "7"}}


def test_both_addresses_and_the_active_service_come_first(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = Charts(monkeypatch)
    seen.charts.prepare()
    assert seen.repaired == ["agent-edge"]
    assert [words[:2] for words in seen.installed] == [("agent-edge", "edge")]
    assert seen.ensured == [ENVIRONMENT]
    assert seen.installed[0][2] == edge_values(ENVIRONMENT)


def test_the_load_balancers_target_groups_come_with_them(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = Charts(monkeypatch, PROVISIONED)
    seen.charts.prepare()
    assert seen.installed[0][2]["targetGroups"] == {"api-blue": ARN}


@pytest.mark.parametrize(
    ("finished", "words"),
    [
        (Finished(1, "", "warning\nError: values don't meet the schema\n", 0.1), "Error: values don't meet the schema"),
        (Finished(1, "said on stdout", "", 0.1), "said on stdout"),
        (Finished(3, "", "", 0.1), "exit code 3, without a word"),
    ],
)
def test_a_failure_is_in_helms_own_words(monkeypatch: pytest.MonkeyPatch, finished: Finished, words: str) -> None:
    ran: list[Command] = []
    monkeypatch.setattr(module, "run", lambda command, timeout: ran.append(command) or finished)
    with pytest.raises(ToolFailed) as error:
        HELM.upgrade("agent-blue", "app", {"a": "no"})
    assert error.value.message == f"helm could not install agent-blue: {words}"
    assert "helm history agent-blue -n apps" in error.value.state
    assert not Path(ran[0].argv[ran[0].argv.index("--values") + 1]).exists(), "values are gone from the disk"


@pytest.mark.parametrize(
    "words",
    [
        "Error: Kubernetes cluster unreachable: Get https://10.0.0.1/version: dial tcp 10.0.0.1:6443: i/o",
        'Error: UPGRADE FAILED: an error on the server ("") has prevented the request from succeeding',
        "Error: UPGRADE FAILED: Internal error occurred: etcdserver: request timed out",
        "Error: query: failed to query with labels: the server is currently unable to handle the request (get secrets)",
        "Error: the server has received too many requests and has asked us to try again later",
        'Error: UPGRADE FAILED: Post "http://10.0.0.1/api/v1/secrets": write tcp 10.0.0.2:5->10.0.0.1:6: broken pipe',
        'Error: Post "https://10.0.0.1/api": readfrom tcp 10.0.0.2:5: use of closed network connection',
        'Error: UPGRADE FAILED: Operation cannot be fulfilled on "x": the object has been modified; please apply',
    ],
)
def test_a_cluster_that_gave_helm_no_answer_is_worth_another_try(monkeypatch: pytest.MonkeyPatch, words: str) -> None:
    monkeypatch.setattr(module, "run", lambda command, timeout: Finished(1, "", words, 0.1))
    with pytest.raises(Unreachable, match="helm could not install agent-blue"):
        HELM.upgrade("agent-blue", "app", {})


def test_a_helm_that_hangs_is_ended_and_dies_with_us(monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[tuple[Command, float]] = []

    def late(command: Command, timeout: float) -> Finished:
        ran.append((command, timeout))
        raise ToolFailed("helm did not finish within 20 s and was stopped")

    monkeypatch.setattr(module, "run", late)
    with pytest.raises(Unreachable, match="did not finish within 20 s"):
        HELM.upgrade("agent-blue", "app", {})
    ((command, timeout),) = ran
    assert command.dies_with_us
    assert timeout + 2 * command.grace == LONGEST_S


def test_which_helm(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(module.sys, "executable", str(tmp_path / "python"))
    assert helm_program() == "helm"
    (tmp_path / "helm").touch()
    assert helm_program() == str(tmp_path / "helm")
    monkeypatch.setenv("OPSCTL_HELM", "/opt/helm")
    assert helm_program() == "/opt/helm"


def test_logs_of_a_color() -> None:
    command = kubectl.logs_command(NAMES, Color.GREEN, Path("/k"), "there", tail=20, follow=True)
    assert command.argv == (
        "kubectl", "logs", "--namespace", "apps", "--selector", "app.kubernetes.io/name=agent,opsctl/color=green",
        "--prefix", "--tail", "20", "--max-log-requests", "50", "--follow", "--kubeconfig", "/k", "--context", "there",
    )  # fmt: skip
    plain = kubectl.logs_command(NAMES, Color.GREEN, None, None, tail=1, follow=False).argv
    assert not {"--follow", "--kubeconfig", "--context"} & set(plain)


def test_kubectl_that_fails_speaks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kubectl, "stream", lambda command, say: Finished(1, "", "forbidden\n", 0.1))
    with pytest.raises(ToolFailed, match="kubectl logs failed: forbidden"):
        kubectl.stream_logs(NAMES, Color.BLUE, None, None, tail=1, follow=False, say=print)
