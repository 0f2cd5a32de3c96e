"""The charts, rendered by a real Helm: what must be in them, what must never be, and what their schemas refuse."""

from __future__ import annotations

import copy
import json
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from opsctl.assets import asset
from opsctl.core.color import COLOR_LABEL, Color
from opsctl.core.contract import read_contract
from opsctl.core.derive import derive
from opsctl.core.environment import Environment, Part, Workloads
from opsctl.core.settings import settings_name
from opsctl.core.workloads import SERVICES
from opsctl.render.values import app_values, edge_values
from opsctl.tools.cluster.names import Names
from opsctl.tools.cluster.reading import SERVICES_ANNOTATION
from opsctl.tools.cluster.traffic import active_service
from opsctl.tools.helm import helm_program

pytestmark = pytest.mark.process

CHARTS = asset("helm")
ENVIRONMENT = derive(Environment(name="live"))[0]
SECRETS = {"DB_URL": {"name": "db-v7", "key": "url"}}
SETTINGS = {"LOG_LEVEL": "info", "EMPTY": "", "NO": "no"}
APP = {**app_values(ENVIRONMENT, Color.BLUE, "agent:1", SETTINGS), "release": {"id": "7"}, "secrets": SECRETS}
SPLIT = derive(
    Environment(name="live", workloads=Workloads(True, Part(command=["python", "-m", "app.api"], cpu="250m")))
)[0]
SPLIT_APP = {**app_values(SPLIT, Color.BLUE, "agent:1", {}), "release": {"id": "7"}}
_GROUP = "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup"
GROUPS = {
    f"{service}-{color}": f"{_GROUP}/live-{service}-{color}/{n}0ecf831eec9f09"
    for n, (service, color) in enumerate(product(("api", "websocket"), Color))
}
EDGE = {**edge_values(ENVIRONMENT), "guard": True, "targetGroups": GROUPS}
Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def helm(require: Callable[[str, str], str], tmp_path: Path) -> Run:
    """helm("template", chart, values) with a home of its own."""
    program = require(helm_program(), "make setup builds Helm for the sandbox, or name one in OPSCTL_HELM")

    def run(word: str, chart: Path, values: Any, *more: str) -> subprocess.CompletedProcess[str]:
        file = tmp_path / "values.json"
        file.write_text(json.dumps(values))
        name = ("r",) if word == "template" else ()
        argv = [program, word, *name, str(chart), "--values", str(file), *more]
        environment = {"HOME": str(tmp_path), "PATH": "/usr/bin:/bin"}
        return subprocess.run(argv, env=environment, capture_output=True, text=True, timeout=60, check=False)

    return run


def objects(helm: Run, chart: Path, values: Any) -> dict[str, Any]:
    """Rendered objects by kind and name."""
    done = helm("template", chart, values)
    assert done.returncode == 0, done.stderr
    found = [document for document in YAML(typ="safe").load_all(done.stdout) if document]
    return {f"{each['kind']}/{each['metadata']['name']}": each for each in found}


def app(helm: Run, **changed: Any) -> dict[str, Any]:
    return objects(helm, CHARTS / "app", {**APP, **changed})


@pytest.mark.parametrize(("chart", "values"), [("app", APP), ("edge", EDGE)])
def test_lint(helm: Run, chart: str, values: Any) -> None:
    done = helm("lint", CHARTS / chart, values, "--strict")
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("chart", ["app", "edge"])
def test_a_chart_renders_by_itself(helm: Run, chart: str) -> None:
    assert objects(helm, CHARTS / chart, {})


def test_what_a_color_is(helm: Run) -> None:
    name = "ai-agent-sdk-blue"
    assert app(helm).keys() == {f"Deployment/{name}", f"ServiceAccount/{name}", f"PodDisruptionBudget/{name}"}


def test_a_split_color_is_two_workloads(helm: Run) -> None:
    found = objects(helm, CHARTS / "app", SPLIT_APP)
    parts = {name: found[f"Deployment/ai-agent-sdk-{name}-blue"] for name in ("api", "agents")}
    assert sum(name.startswith("Deployment/") for name in found) == len(parts)
    for name, deployment in parts.items():
        [container] = deployment["spec"]["template"]["spec"]["containers"]
        offered = [port["name"] for port in container["ports"]]
        labels = deployment["spec"]["template"]["metadata"]["labels"]
        assert offered == list(SERVICES[name])
        assert {"name": "SERVICES", "value": ",".join(offered)} in container["env"]
        assert (
            container["readinessProbe"]["httpGet"]["port"] == container["startupProbe"]["httpGet"]["port"] == offered[0]
        )
        assert container["livenessProbe"]["tcpSocket"]["port"] == offered[0]
        assert deployment["spec"]["selector"]["matchLabels"] == labels
        budget = found[f"PodDisruptionBudget/ai-agent-sdk-{name}-blue"]["spec"]
        assert budget["selector"]["matchLabels"] == labels
        edge = objects(helm, CHARTS / "edge", edge_values(SPLIT))[f"Service/ai-agent-sdk-{name}-blue"]["spec"]
        assert (edge["selector"], [port["name"] for port in edge["ports"]]) == (labels, offered)
    [container] = parts["api"]["spec"]["template"]["spec"]["containers"]
    assert container["command"] == ["python", "-m", "app.api"]
    assert container["resources"]["requests"]["cpu"] == "250m"


def test_the_guard_may_move_every_workload(helm: Run) -> None:
    role = objects(helm, CHARTS / "edge", {**edge_values(SPLIT), "guard": True})["Role/ai-agent-sdk-guard"]
    named = {tuple(rule["resources"]): rule["resourceNames"] for rule in role["rules"] if "resourceNames" in rule}
    assert named[("services",)] == ["ai-agent-sdk-api", "ai-agent-sdk-agents"]
    colored = [f"ai-agent-sdk-{name}-{color}" for name in ("api", "agents") for color in Color]
    assert named[("deployments",)] == colored


def test_a_setting_keeps_its_name_whatever_yaml_thinks_of_it(helm: Run) -> None:
    found = app(helm, env={"N": "1", "ON": "yes"})
    [deployment] = [each for name, each in found.items() if name.startswith("Deployment/")]
    told = deployment["spec"]["template"]["spec"]["containers"][0]["env"]
    assert {"name": "N", "value": "1"} in told
    assert {"name": "ON", "value": "yes"} in told


def test_the_size_is_never_rendered(helm: Run) -> None:
    assert "replicas" not in app(helm)["Deployment/ai-agent-sdk-blue"]["spec"]
    template = (CHARTS / "app" / "templates" / "deployment.yaml").read_text()
    assert not re.search(r"^\s*replicas:", template, re.MULTILINE)


def test_no_hooks(helm: Run) -> None:
    found = [*app(helm).values(), *objects(helm, CHARTS / "edge", EDGE).values()]
    assert not [key for each in found for key in each["metadata"].get("annotations", {}) if "helm.sh/hook" in key]


def test_each_release_has_pods_of_its_own(helm: Run) -> None:
    before, after = (app(helm, release={"id": number})["Deployment/ai-agent-sdk-blue"] for number in ("7", "8"))
    assert after["spec"]["template"] != before["spec"]["template"]


def test_a_new_version_of_the_chart_replaces_no_pod(helm: Run, tmp_path: Path) -> None:
    bumped = tmp_path / "app"
    shutil.copytree(CHARTS / "app", bumped)
    chart = bumped / "Chart.yaml"
    chart.write_text(re.sub(r"version: .*", "version: 9.9.9", chart.read_text()))
    before = app(helm)["Deployment/ai-agent-sdk-blue"]
    after = objects(helm, bumped, {**APP, "environment": "other"})["Deployment/ai-agent-sdk-blue"]
    assert after["metadata"] != before["metadata"]
    assert after["spec"] == before["spec"]


def test_colors_differ_in_nothing_but_the_color(helm: Run) -> None:
    blue, green = (json.dumps(app(helm, color=color.value), sort_keys=True) for color in Color)
    assert "green" not in blue
    assert blue.replace("blue", "green") == green


def test_the_color_is_said_by_one_label_everywhere(helm: Run) -> None:
    found = app(helm, color="green")["Deployment/ai-agent-sdk-green"]
    labels = found["spec"]["template"]["metadata"]["labels"]
    assert labels[COLOR_LABEL] == "green"
    assert found["spec"]["selector"]["matchLabels"] == labels
    edge = objects(helm, CHARTS / "edge", EDGE)
    assert edge["Service/ai-agent-sdk-green"]["spec"]["selector"] == labels
    active = active_service(ENVIRONMENT, Names("apps", "ai-agent-sdk"))["spec"]["selector"]
    assert {**active, COLOR_LABEL: "green"} == labels


def test_pods_are_found_by_the_selector_that_opsctl_lists_with(helm: Run) -> None:
    key, _, value = Names("apps", "ai-agent-sdk").selector.partition("=")
    found = app(helm)["Deployment/ai-agent-sdk-blue"]
    assert found["metadata"]["labels"][key] == value
    assert found["spec"]["template"]["metadata"]["labels"][key] == value


def test_each_color_has_an_address_of_its_own_and_nobody_renders_the_active_one(helm: Run) -> None:
    found = [name for name in objects(helm, CHARTS / "edge", EDGE) if name.startswith("Service/")]
    assert found == ["Service/ai-agent-sdk-blue", "Service/ai-agent-sdk-green"]


def test_settings_arrive_as_text(helm: Run) -> None:
    container = app(helm)["Deployment/ai-agent-sdk-blue"]["spec"]["template"]["spec"]["containers"][0]
    found = {each["name"]: each["value"] for each in container["env"] if "value" in each}
    assert found == {**APP["env"], "COLOR": "blue", "SERVICES": "api,websocket,metrics"}
    assert container["envFrom"] == [{"configMapRef": {"name": settings_name("ai-agent-sdk", SETTINGS)}}]
    assert container["image"] == "agent:1"


def test_of_a_secret_the_chart_knows_the_place_alone(helm: Run) -> None:
    container = app(helm)["Deployment/ai-agent-sdk-blue"]["spec"]["template"]["spec"]["containers"][0]
    assert {"name": "DB_URL", "valueFrom": {"secretKeyRef": SECRETS["DB_URL"]}} in container["env"]


def test_a_release_of_an_earlier_opsctl_is_installed_again_as_it_was(helm: Run) -> None:
    """Its record names no settings: they stand in `env`."""
    recorded = {key: value for key, value in APP.items() if key not in ("settings", "secrets")}
    found = objects(helm, CHARTS / "app", {**recorded, "env": {**APP["env"], **SETTINGS}})
    container = found["Deployment/ai-agent-sdk-blue"]["spec"]["template"]["spec"]["containers"][0]
    assert "envFrom" not in container
    assert SETTINGS.items() <= {each["name"]: each["value"] for each in container["env"]}.items()


def test_the_release_is_an_annotation_that_the_reader_finds(helm: Run) -> None:
    found = app(helm)["Deployment/ai-agent-sdk-blue"]
    assert found["metadata"]["annotations"]["opsctl/release"] == "7"


def test_what_a_color_offers_is_an_annotation_that_the_reader_finds(helm: Run) -> None:
    found = app(helm)["Deployment/ai-agent-sdk-blue"]
    assert read_contract(found["metadata"]["annotations"][SERVICES_ANNOTATION]) == ENVIRONMENT.services
    assert SERVICES_ANNOTATION not in app(helm, services="")["Deployment/ai-agent-sdk-blue"]["metadata"]["annotations"]


def test_the_guard_has_the_rights_that_it_needs_and_no_others(helm: Run) -> None:
    """Whoever adds a right says here what for. The record that it writes is granted when its release begins."""
    rules = objects(helm, CHARTS / "edge", EDGE)["Role/ai-agent-sdk-guard"]["rules"]
    granted = {
        (resource, tuple(rule.get("resourceNames", ())), verb)
        for rule in rules for resource in rule["resources"] for verb in rule["verbs"]
    }  # fmt: skip
    colors = ("ai-agent-sdk-blue", "ai-agent-sdk-green")
    looks = {(what, (), verb) for what in ("pods", "deployments", "endpointslices") for verb in ("list", "watch")}
    moves = {("services", ("ai-agent-sdk",), verb) for verb in ("get", "watch", "patch")}
    sizes = {("deployments", colors, "get"), ("deployments", colors, "patch"), ("pods", (), "delete")}
    locks = {("leases", ("opsctl-ai-agent-sdk",), verb) for verb in ("get", "update", "delete")}
    words = {("pods/log", (), "get"), ("events", (), "list")}
    assert granted == {*looks, *moves, *sizes, *locks, *words, ("leases", (), "create")}
    assert not [rule for rule in rules if "*" in json.dumps(rule)]


def test_its_rights_are_its_service_accounts_alone(helm: Run) -> None:
    names = Names("default", "ai-agent-sdk")
    found = objects(helm, CHARTS / "edge", EDGE)
    binding = found[f"RoleBinding/{names.guard}"]
    assert binding["roleRef"]["name"] == names.guard
    assert binding["subjects"] == [{"kind": "ServiceAccount", "name": names.guard, "namespace": "default"}]
    assert found[f"ServiceAccount/{names.guard}"]["automountServiceAccountToken"] is False
    assert found[f"Role/{names.guard}"]["rules"][5]["resourceNames"] == [names.app]


def test_without_a_guard_there_are_no_rights(helm: Run) -> None:
    kinds = {name.partition("/")[0] for name in objects(helm, CHARTS / "edge", {**EDGE, "guard": False})}
    assert kinds == {"Service", "TargetGroupBinding"}


def bound(found: dict[str, Any]) -> dict[str, tuple[str, str]]:
    """Service and port by target group."""
    specs = [each["spec"] for name, each in found.items() if name.startswith("TargetGroupBinding/")]
    assert all(spec.keys() == {"targetGroupARN", "targetType", "serviceRef"} for spec in specs)
    assert {spec["targetType"] for spec in specs} <= {"ip"}
    return {spec["targetGroupARN"]: (spec["serviceRef"]["name"], spec["serviceRef"]["port"]) for spec in specs}


@pytest.mark.parametrize(
    ("environment", "api", "websocket"),
    [(ENVIRONMENT, "ai-agent-sdk", "ai-agent-sdk"), (SPLIT, "ai-agent-sdk-api", "ai-agent-sdk-agents")],
)
def test_each_colors_pods_enter_that_colors_target_groups(
    helm: Run, environment: Environment, api: str, websocket: str
) -> None:
    found = objects(helm, CHARTS / "edge", {**edge_values(environment), "targetGroups": GROUPS})
    offered = {"api": api, "websocket": websocket}
    assert bound(found) == {
        GROUPS[f"{service}-{color}"]: (f"{name}-{color}", service)
        for service, name in offered.items() for color in Color
    }  # fmt: skip
    for service, port in bound(found).values():
        assert port in [each["name"] for each in found[f"Service/{service}"]["spec"]["ports"]]


def test_without_target_groups_nothing_is_bound(helm: Run) -> None:
    assert bound(objects(helm, CHARTS / "edge", {**EDGE, "targetGroups": {}})) == {}


def test_another_target_group_is_another_binding(helm: Run) -> None:
    """The controller refuses to change the ARN of one that is there."""

    def names(groups: dict[str, str]) -> set[str]:
        found = objects(helm, CHARTS / "edge", {**EDGE, "targetGroups": groups})
        return {name for name in found if name.startswith("TargetGroupBinding/")}

    moved = {place: arn.replace("0ecf", "1ecf") for place, arn in GROUPS.items()}
    assert len(names(GROUPS)) == len(GROUPS)
    assert not names(GROUPS) & names(moved)


def test_the_longest_name_leaves_room_for_a_pods_gate(helm: Run) -> None:
    """`target-health.elbv2.k8s.aws/<name of the binding>` is the type of a condition: 63 characters after the slash."""
    found = objects(helm, CHARTS / "edge", {**EDGE, "name": "a" * 40})
    assert max(len(name) for name in found if name.startswith("TargetGroup")) == len("TargetGroupBinding/") + 63


@pytest.mark.parametrize("wrong", [{"metrics-blue": next(iter(GROUPS.values()))}, {"api-blue": "arn:aws:s3:::bucket"}])
def test_what_is_no_target_group_of_ours_is_refused(helm: Run, wrong: dict[str, str]) -> None:
    assert helm("template", CHARTS / "edge", {**EDGE, "targetGroups": wrong}).returncode != 0


def test_pods_may_run_in_a_restricted_namespace(helm: Run) -> None:
    pod = app(helm)["Deployment/ai-agent-sdk-blue"]["spec"]["template"]["spec"]
    container = pod["containers"][0]["securityContext"]
    assert (pod["securityContext"]["runAsNonRoot"], pod["automountServiceAccountToken"]) == (True, False)
    assert container["capabilities"] == {"drop": ["ALL"]}
    assert (container["allowPrivilegeEscalation"], container["readOnlyRootFilesystem"]) == (False, True)


@pytest.mark.parametrize(("seconds", "waits"), [(35, True), (0, False)])
def test_a_stopping_pod_serves_on_while_routers_forget_it(helm: Run, seconds: int, waits: bool) -> None:
    termination = {"preStopSeconds": seconds, "graceSeconds": 60}
    pod = app(helm, termination=termination)["Deployment/ai-agent-sdk-blue"]["spec"]["template"]["spec"]
    assert pod["terminationGracePeriodSeconds"] == 60
    assert ("lifecycle" in pod["containers"][0]) is waits


def levels(values: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Every mapping of the values; `env` and `secrets` are free."""
    yield path
    for key, value in values.items():
        if isinstance(value, dict) and key not in ("env", "ports", "secrets"):
            yield from levels(value, (*path, key))


@pytest.mark.parametrize(
    ("chart", "values", "path"),
    [*(("app", APP, path) for path in levels(APP)), *(("edge", EDGE, path) for path in levels(EDGE))],
    ids=lambda each: ".".join(each) if isinstance(each, tuple) else "",
)
def test_a_typo_is_refused_at_every_level(helm: Run, chart: str, values: Any, path: tuple[str, ...]) -> None:
    wrong = copy.deepcopy(values)
    at = wrong
    for key in path:
        at = at[key]
    at["tpyo"] = 1
    done = helm("template", CHARTS / chart, wrong)
    assert done.returncode != 0
    assert "tpyo" in done.stderr


@pytest.mark.parametrize(("chart", "values"), [("app", APP), ("edge", EDGE)])
def test_every_value_is_used_and_every_use_has_a_value(chart: str, values: Any) -> None:
    text = "".join(file.read_text() for file in sorted((CHARTS / chart / "templates").iterdir()))
    used = set(re.findall(r"\.Values\.([A-Za-z.]+)", text))
    given = {".".join(path) for path in leaves(values)}
    assert used == given
    default = YAML(typ="safe").load(CHARTS / chart / "values.yaml")
    assert {".".join(path) for path in leaves(default)} == given


def leaves(values: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for key, value in values.items():
        if isinstance(value, dict) and key not in ("env", "ports", "secrets", "targetGroups"):
            yield from leaves(value, (*path, key))
        else:
            yield (*path, key)
