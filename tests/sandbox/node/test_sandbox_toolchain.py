"""The pins, the cache that follows them, and where Helm is found. The build itself is proven by what it built."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys

import pytest

from opsctl.errors import ToolMissing
from opsctl.sandbox import toolchain
from opsctl.sandbox.toolchain import build
from opsctl.tools.helm import helm_program


def _program(path, prints: str) -> str:
    path.write_text(f"#!/bin/sh\necho '{prints}'\n")
    path.chmod(0o755)
    return str(path)


@pytest.fixture
def empty_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv("OPSCTL_HELM", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path


def test_the_cache_folder_follows_xdg_and_every_pin(tmp_path, empty_cache, monkeypatch):
    before = toolchain.folder()
    assert before.is_relative_to(empty_cache / "cache" / "opsctl" / "toolchain")

    shutil.copytree(toolchain.MODULES, tmp_path / "modules")
    monkeypatch.setattr(toolchain, "MODULES", tmp_path / "modules")
    assert toolchain.folder() == before
    with (tmp_path / "modules" / "etcd" / "go.sum").open("a") as sums:
        sums.write("changed\n")
    assert toolchain.folder() != before


def test_every_program_is_a_tool_of_its_module(empty_cache):
    for program in toolchain.PROGRAMS:
        text = (toolchain.MODULES / program.module / "go.mod").read_text()
        assert program.package == "." or re.search(rf"^(tool |\t){re.escape(program.package)}$", text, re.MULTILINE)


def test_all_modules_of_kubernetes_have_the_version_of_kubernetes():
    text = (toolchain.MODULES / "kubernetes" / "go.mod").read_text()
    minor_patch = re.search(r"k8s\.io/kubernetes v1\.(\S+)", text)[1]

    replaced = re.findall(r"^\tk8s\.io/\S+ => k8s\.io/\S+ v0\.(\S+)$", text, re.MULTILINE)

    assert len(replaced) > 25
    assert set(replaced) == {minor_patch}


def test_helm_is_the_named_one_before_any_other(empty_cache, monkeypatch):
    _program(empty_cache / "helm", "v4.0.0")
    monkeypatch.setenv("OPSCTL_HELM", "/opt/helm")

    assert str(toolchain.helm()) == "/opt/helm"


def test_helm_4_on_path_is_taken(empty_cache):
    on_path = _program(empty_cache / "helm", "v4.9.1")

    assert str(toolchain.helm()) == on_path


def test_helm_3_on_path_is_passed_over_for_the_built_one(empty_cache):
    _program(empty_cache / "helm", "v3.20.0")
    toolchain.folder().mkdir(parents=True)
    built = _program(toolchain.folder() / "helm", "v4.3.1")

    assert str(toolchain.helm()) == built


def test_it_is_put_where_opsctl_looks_first(empty_cache, monkeypatch):
    toolchain.folder().mkdir(parents=True)
    built = _program(toolchain.folder() / "helm", "v4.3.1")
    monkeypatch.setattr(sys, "executable", str(empty_cache / "bin" / "python"))
    (empty_cache / "bin").mkdir()
    monkeypatch.delenv("OPSCTL_HELM", raising=False)

    for _ in ("made", "there"):
        toolchain.link_helm()
        assert os.path.realpath(helm_program()) == built


def test_no_helm_at_all_says_what_to_do(empty_cache):
    with pytest.raises(ToolMissing) as caught:
        toolchain.helm()

    assert "make setup" in caught.value.hint


def test_the_build_writes_whole_programs_once_even_if_asked_twice_at_once(tmp_path, empty_cache, monkeypatch):
    """A real build of the smallest program by two processes."""
    monkeypatch.undo()
    if not shutil.which("go"):
        pytest.skip("go is not installed: install Go 1.26 or later")
    script = (
        "from opsctl.console import Console\n"
        "from opsctl.sandbox import toolchain\n"
        "from opsctl.sandbox.toolchain import build\n"
        "toolchain.PROGRAMS = toolchain.PROGRAMS[:1]\n"
        "print(build.ensure(Console()))\n"
    )
    env = {**os.environ, "XDG_CACHE_HOME": str(tmp_path / "cache"), "GOCACHE": str(tmp_path / "go")}
    argv = [sys.executable, "-c", script]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    both = [subprocess.Popen(argv, env=env, **pipes) for _ in range(2)]
    outcomes = [process.communicate(timeout=240) for process in both]

    assert [process.returncode for process in both] == [0, 0], outcomes
    assert "".join(narration for _, narration in outcomes).count("✓ build") == 1
    folder = outcomes[0][0].strip()
    assert sorted(os.listdir(folder)) == ["pause"]


def test_kubernetes_is_told_its_version():
    kubelet = next(program for program in toolchain.PROGRAMS if program.name == "kubelet")
    text = (toolchain.MODULES / "kubernetes" / "go.mod").read_text()

    version = re.search(r"k8s.io/kubernetes (v1\S+)", text)[1]

    assert f".gitVersion={version} " in build._flags(kubelet)
