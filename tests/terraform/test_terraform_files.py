"""The committed Terraform: well formed, valid, its rules tested, and nothing in it that belongs to one environment."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from opsctl.assets import asset

ROOT = asset("terraform")
MODULES = sorted(path for path in (ROOT / "modules").iterdir() if path.is_dir())
SOURCES = sorted(ROOT.rglob("*.tf"))
REFUSING = [(".", "stack"), ("bootstrap", "bootstrap"), *((f"modules/{path.name}", path.name) for path in MODULES)]
_COMMENT = re.compile(r"#.*")


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy in which Terraform may leave its working files."""
    folder = tmp_path_factory.mktemp("terraform") / "root"
    shutil.copytree(ROOT, folder, ignore=shutil.ignore_patterns(".terraform*"))
    return folder


def _terraform(folder: Path, cli_configuration: str, *arguments: str) -> str:
    environ = os.environ | {"TF_CLI_CONFIG_FILE": cli_configuration, "TF_IN_AUTOMATION": "1", "CHECKPOINT_DISABLE": "1"}
    argv = ["terraform", *arguments]
    run = subprocess.run(argv, cwd=folder, env=environ, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr
    return run.stdout


def test_is_formatted(copy: Path, cli_configuration: str) -> None:
    _terraform(copy, cli_configuration, "fmt", "-check", "-recursive", "-diff")


@pytest.mark.parametrize("folder", [".", "bootstrap"])
def test_is_valid(copy: Path, cli_configuration: str, folder: str) -> None:
    _terraform(copy / folder, cli_configuration, "init", "-backend=false")
    _terraform(copy / folder, cli_configuration, "validate", "-no-tests")  # test_rules_hold runs those


def test_rules_hold(copy: Path, cli_configuration: str) -> None:
    _terraform(copy, cli_configuration, "init", "-backend=false")  # again: each run of a test is a module to install
    said = _terraform(copy, cli_configuration, "test", "-no-color")
    written = sum(path.read_text().count("\nrun ") for path in (ROOT / "tests").glob("*.tftest.hcl"))
    assert f"{written} passed, 0 failed." in said


@pytest.mark.parametrize(("folder", "tests"), REFUSING, ids=lambda value: str(value))
def test_every_refusal_has_a_test(folder: str, tests: str) -> None:
    """As many runs that expect a variable to be refused as it has rules; and one for each check and condition."""
    text = "".join(path.read_text() for path in (ROOT / folder).glob("*.tf"))
    expected = (ROOT / "tests" / f"{tests}.tftest.hcl").read_text()
    for kind, name in re.findall(r'^(check|variable) "(\w+)"', text, re.MULTILINE):
        rules = 1 if kind == "check" else _block(text, f'variable "{name}"').count("validation {")
        address = f"check.{name}" if kind == "check" else f"var.{name}"
        assert expected.count(f"expect_failures = [{address}]") >= rules, address
    assert expected.count("expect_failures = [aws_") >= text.count("precondition {")
    assert expected.count("expect_failures = [data.") >= text.count("postcondition {")


def test_access_entries_wait_for_the_pipelines_roles(copy: Path, cli_configuration: str) -> None:
    """They may be named in cluster.deployer_role_arns from the start; EKS refuses a role that is not there yet."""
    _terraform(copy, cli_configuration, "init", "-backend=false")
    graph = _terraform(copy, cli_configuration, "graph")
    assert '"module.cluster.aws_eks_access_entry.this" -> "module.ci.aws_iam_role.this"' in graph


def test_new_nodes_come_before_the_old_ones_go() -> None:
    """EKS changes neither instance types nor subnets of a node group, and without nodes there is no application."""
    group = _block((ROOT / "modules/cluster/nodes.tf").read_text(), 'resource "aws_eks_node_group" "this"')
    assert re.search(r"^\s+create_before_destroy\s+= true", group, re.MULTILINE)


def test_backend_and_account_are_not_committed() -> None:
    for source in SOURCES:
        text = _COMMENT.sub("", source.read_text())
        assert "backend " not in text, f"{source}: opsctl renders the backend"
        assert not re.search(r"\b\d{12}\b", text), f"{source}: names an account"


def test_only_one_provider() -> None:
    for source in SOURCES:
        kinds = re.findall(r'^(?:resource|data|ephemeral) "(\w+)"', source.read_text(), re.MULTILINE)
        assert {kind for kind in kinds if not kind.startswith("aws_")} <= {"terraform_data"}, source
    sources = {found for source in SOURCES for found in re.findall(r'\bsource\s+= "([^"]+)"', source.read_text())}
    assert sources == {"hashicorp/aws", *(f"./modules/{module.name}" for module in MODULES)}


def test_sets_nothing_that_provider_6_lacks() -> None:
    """Arguments that version 6 of the provider removed or renamed, and the per-resource region that 5 lacks."""
    gone = r"^(\s+(vpc|log_group_name|resolve_conflicts|managed_policy_arns)|  region)\s+= (?!string$)"
    for source in SOURCES:
        text = _block_free(source.read_text(), 'provider "aws"')
        text = _block_free(text, 'resource "aws_cloudwatch_log_metric_filter" "use"')  # there log_group_name stays
        assert not re.search(gone, text, re.MULTILINE), source
        assert "data.aws_region.current.name" not in text, source


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.name)
def test_module_is_complete(module: Path) -> None:
    names = {path.name for path in module.iterdir()}
    assert {"terraform.tf", "main.tf", "variables.tf", "outputs.tf", "README.md"} <= names
    for source in module.glob("*.tf"):
        assert len(source.read_text().splitlines()) <= 150, f"{source} is too long to read"


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.name)
def test_module_takes_what_the_root_takes(module: Path) -> None:
    """Terraform drops an attribute that only one of the two object types has, without a word."""
    root = (ROOT / "variables.tf").read_text()
    own = (module / "variables.tf").read_text()
    for name in ("context", module.name):
        assert _type(own, name) == _type(root, name)


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.name)
def test_readme_names_every_setting(module: Path) -> None:
    readme = (module / "README.md").read_text()
    kind = _type((module / "variables.tf").read_text(), module.name)
    attributes = re.findall(r"(\w+)=", kind.partition("nodes=")[0])
    missing = [name for name in attributes if name not in readme]
    assert not missing


def _type(text: str, variable: str) -> str:
    """The type of a variable, without comments and blanks."""
    found = re.search(r"^  type\s*=\s*(.*?)^  }\)$", _block(text, f'variable "{variable}"'), re.MULTILINE | re.DOTALL)
    assert found, f"variable {variable} has no object type"
    return re.sub(r"\s+", "", "".join(f"{line};" for line in _COMMENT.sub("", found[1]).splitlines()))


def _block(text: str, head: str) -> str:
    """A top-level block, from its head to the brace in the first column."""
    start = text.index(f"{head} {{")
    return text[start : text.index("\n}", start)]


def _block_free(text: str, head: str) -> str:
    while f"{head} {{" in text:
        text = text.replace(_block(text, head), "")
    return text
