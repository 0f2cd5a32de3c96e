"""An installed opsctl works in any folder: Terraform, charts and templates travel inside the wheel.

The wheel is built from this checkout and installed into a virtual environment of its own. What it depends on is
borrowed from the environment that runs the tests, so nothing is downloaded.
"""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import zipfile
from importlib.util import find_spec
from pathlib import Path

import pytest

import opsctl

pytestmark = pytest.mark.process

ROOT = Path(__file__).resolve().parents[1]
ASSETS = ("terraform", "helm", "templates")
_LOCAL = (".terraform", "terraform.tfstate")  # what Terraform leaves behind where somebody has run it


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if find_spec("hatchling") is None:
        found = pytest.fail if os.environ.get("OPSCTL_REQUIRE_ALL") == "1" else pytest.skip
        found("hatchling is not installed: make setup")
    folder = tmp_path_factory.mktemp("wheel")
    run([sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "-w", folder, ROOT])
    return next(folder.glob("opsctl-*.whl"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the programs of a virtual environment in which opsctl comes from the wheel."""
    home = tmp_path_factory.mktemp("venv")
    run([sys.executable, "-m", "venv", "--without-pip", home])
    python = home / "bin" / "python"
    run([sys.executable, "-m", "pip", "--python", python, "install", "--quiet", "--no-deps", "--no-index", wheel])
    own = Path(sysconfig.get_path("purelib", vars={"base": str(home)}))
    (own / "borrowed.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return home / "bin"


def run(argv: list[str | Path], cwd: Path | None = None) -> str:
    done = subprocess.run(argv, cwd=cwd, env=environment(), capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, f"{argv}: {done.stdout}{done.stderr}"
    return done.stdout


def environment() -> dict[str, str]:
    """Ours, without what could lead an installed opsctl back to this checkout or to the user's environments."""
    return {name: value for name, value in os.environ.items() if not name.startswith("OPSCTL_")}


def files_of(folder: Path) -> dict[str, bytes]:
    found = (path for path in folder.rglob("*") if path.is_file() and not set(_LOCAL) & set(path.parts))
    return {str(path.relative_to(folder)): path.read_bytes() for path in found}


def test_the_wheel_holds_the_trees_as_they_are(wheel: Path, tmp_path: Path) -> None:
    zipfile.ZipFile(wheel).extractall(tmp_path)
    for name in ASSETS:
        expected = files_of(ROOT / name)
        assert expected
        assert files_of(tmp_path / "opsctl" / "_assets" / name) == expected


def test_the_wheel_holds_nothing_that_terraform_left_behind(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert not [name for name in names if any(part in name.split("/") for part in _LOCAL)]


def test_an_installed_opsctl_renders_in_an_empty_folder(installed: Path, tmp_path: Path) -> None:
    opsctl_, python = installed / "opsctl", installed / "python"
    where = run([python, "-c", "import opsctl; print(opsctl.__file__)"], tmp_path).strip()
    assert Path(where).is_relative_to(installed.parent), "opsctl came from elsewhere, so nothing would be proven"
    assert run([opsctl_, "--version"], tmp_path) == f"opsctl {opsctl.__version__}\n"

    run([opsctl_, "init"], tmp_path)
    run([opsctl_, "config", "check"], tmp_path)
    run([opsctl_, "render", "--env", "sandbox"], tmp_path)

    rendered = tmp_path / ".opsctl" / "sandbox"
    assert {path.name for path in rendered.glob("values-*.yaml")} >= {"values-blue.yaml", "values-green.yaml"}
    modules = files_of(rendered / "terraform" / "modules")
    assert modules
    assert modules.items() <= files_of(ROOT / "terraform" / "modules").items()
