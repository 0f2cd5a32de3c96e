"""The guard's image: complete, and small because of what is not in it."""

from __future__ import annotations

import json
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from opsctl.sandbox import guard_image, images

LOADED = """
import json, pathlib, re, sys
import opsctl.guard.__main__
import websocket, urllib3
kib = re.search(r"VmRSS:\\s+(\\d+)", pathlib.Path("/proc/self/status").read_text())[1]
print(json.dumps({"modules": sorted(sys.modules), "mib": int(kib) / 1024, "from": opsctl.__file__}))
"""
HEAVY = {"kubernetes", "pydantic", "boto3", "botocore", "rich", "typer", "jinja2", "ruamel", "yaml", "cryptography"}


@pytest.fixture(scope="module")
def layer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    into = tmp_path_factory.mktemp("image")
    return images._layer(into / "guard.tar", guard_image.files(into / "guard"))


@pytest.mark.process
def test_it_runs_on_what_is_in_the_image_alone(layer: Path, tmp_path: Path) -> None:
    with tarfile.open(layer) as tar:
        tar.extractall(tmp_path, filter="data")
    argv = [sys.executable, "-S", "-c", LOADED]
    done = subprocess.run(
        argv, cwd=tmp_path / "app", env={"PATH": "/usr/bin"}, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["from"].startswith(str(tmp_path))
    assert not HEAVY & {name.partition(".")[0] for name in found["modules"]}
    assert found["mib"] < 40


def test_it_holds_nothing_else(layer: Path) -> None:
    with tarfile.open(layer) as tar:
        tops = {"/".join(name.split("/")[:3]) for name in tar.getnames()}
    own = {"__init__.py", "__pycache__", "errors.py", "ports", "core", "flows", "guard", "tools"}
    assert {top for top in tops if top.startswith("app/opsctl/")} == {f"app/opsctl/{name}" for name in own}
    assert {top.split("/")[1] for top in tops} == {"opsctl", *guard_image.PACKAGES}
    assert layer.stat().st_size < 8 * 2**20


def test_byte_code_is_made_anew_where_a_source_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = tmp_path / "a.py"
    source.write_text("A = 1\n")
    monkeypatch.setattr(guard_image, "_sources", lambda: {"a.py": source})
    first = {name: path.read_bytes() for name, path in guard_image.files(tmp_path / "made").items()}
    assert {name: path.read_bytes() for name, path in guard_image.files(tmp_path / "made").items()} == first
    source.write_text("A = 2\n")
    second = {name: path.read_bytes() for name, path in guard_image.files(tmp_path / "made").items()}
    assert [name for name in first if first[name] != second[name]] == ["app/a.py", *(n for n in first if ".pyc" in n)]


def test_the_same_sources_give_the_same_image(layer: Path, tmp_path: Path) -> None:
    again = images._layer(tmp_path / "guard.tar", guard_image.files(tmp_path / "guard"))
    assert again.read_bytes() == layer.read_bytes()


def test_the_dockerfile_starts_the_same_program() -> None:
    text = (Path(__file__).parents[2] / "Dockerfile").read_text()
    assert json.dumps(images._guard_config()["Entrypoint"]) in text
    assert f"USER {images._guard_config()['User']}" in text
    for package in ("annotated-types", "urllib3", "websocket-client"):
        assert package in text
