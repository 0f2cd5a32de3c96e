"""What is missing is said in one sentence, with what to type."""

from __future__ import annotations

import os
import shutil
import sys

import pytest

from opsctl.console import Console
from opsctl.errors import OpsError, ToolMissing
from opsctl.sandbox import packages, process, requirements


def test_another_system_than_linux(monkeypatch):
    monkeypatch.setattr(sys, "platform", "darwin")

    with pytest.raises(OpsError, match="needs Linux, this is darwin") as caught:
        requirements.check()
    assert "another cluster" in caught.value.hint


def test_without_root(monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 1000)

    with pytest.raises(OpsError, match="needs root") as caught:
        requirements.check()
    assert caught.value.hint == "use sudo"


def test_every_missing_program_is_named_at_once(monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(shutil, "which", lambda name: None if name in ("runc", "socat") else f"/usr/bin/{name}")
    monkeypatch.setattr(os.path, "exists", lambda path: False)

    with pytest.raises(ToolMissing, match="needs runc, socat, containernetworking-plugins") as caught:
        requirements.check()
    assert "opsctl.sandbox.packages" in caught.value.hint


@pytest.fixture
def only_socat_missing(monkeypatch):
    calls: list[list[str]] = []

    def run(argv, **_):
        calls.append(list(argv))
        return "not-installed" if argv[-1] == "socat" else "installed"

    monkeypatch.setattr(process, "run", run)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")
    return calls


def test_packages_that_are_there_are_not_touched(monkeypatch, capsys):
    monkeypatch.setattr(packages, "_installed", lambda name: True)
    monkeypatch.setattr(process, "run", lambda *_, **__: pytest.fail("nothing had to be run"))

    packages.ensure(Console())

    assert capsys.readouterr().err == ""


def test_only_what_is_missing_is_installed_having_said_so(only_socat_missing, capsys, monkeypatch, tmp_path):
    monkeypatch.setattr(packages, "_POLICY", tmp_path / "policy-rc.d")

    packages.ensure(Console())

    assert "Installing Debian packages: socat" in capsys.readouterr().err
    install = only_socat_missing[-1]
    assert install[install.index("install") :] == ["install", "-y", "-q", "--no-install-recommends", "socat"]


def test_no_service_is_started_by_an_installation(only_socat_missing, monkeypatch, tmp_path):
    policy = tmp_path / "policy-rc.d"
    monkeypatch.setattr(packages, "_POLICY", policy)
    seen: list[str] = []
    run = process.run
    monkeypatch.setattr(process, "run", lambda argv, **kw: (seen.append(_text(policy, argv)), run(argv, **kw))[1])

    packages.ensure(Console())

    assert "exit 101" in seen[-1]
    assert not policy.exists()


def test_a_policy_of_the_computer_itself_stays(only_socat_missing, monkeypatch, tmp_path):
    policy = tmp_path / "policy-rc.d"
    policy.write_text("#!/bin/sh\nexit 0\n")
    monkeypatch.setattr(packages, "_POLICY", policy)

    packages.ensure(Console())

    assert policy.read_text() == "#!/bin/sh\nexit 0\n"


def test_another_system_than_debian(only_socat_missing, monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name: None)

    with pytest.raises(OpsError, match="not Debian: no apt-get to install socat"):
        packages.ensure(Console())


def test_installing_needs_root(only_socat_missing, monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 1000)

    with pytest.raises(OpsError, match="only root may install socat") as caught:
        packages.ensure(Console())
    assert caught.value.hint == "sudo apt-get install socat"


def _text(policy, argv) -> str:
    return policy.read_text() if "install" in argv else ""


def test_every_missing_python_package_is_named_at_once(monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(requirements, "find_spec", lambda name: None if name in ("cryptography", "moto") else object())

    with pytest.raises(ToolMissing, match="needs the Python packages cryptography, moto") as caught:
        requirements.check()
    assert "'.[sandbox]'" in caught.value.hint
