"""Infrastructure commands as far as they go without AWS: what is wrong is said before anything is started."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from lock_fakes import FakeLocks, ports, ran

from opsctl import wiring
from opsctl.cli import app
from opsctl.cli.exits import run
from opsctl.core.account import Caller
from opsctl.core.apply_record import ApplyOutcome, ApplyRecord
from opsctl.errors import LockHeld
from opsctl.flows import provision
from opsctl.tools.account import StsAccount

ACCOUNT = {"aws": {"account_id": "123456789012"}}


def project(folder: Path, settings: dict[str, object]) -> Path:
    (folder / "environments").mkdir()
    (folder / "environments" / "dev.yaml").write_text(json.dumps(settings))
    return folder


def opsctl(folder: Path, *words: str) -> int:
    return run(app, [*words, "--project", str(folder)])


@pytest.mark.parametrize("command", ["plan", "drift", "outputs"])
def test_an_open_account_is_a_configuration_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    assert opsctl(project(tmp_path, {}), command) == 3
    assert "aws.account_id" in capsys.readouterr().err


@pytest.mark.parametrize(("command", "instead"), [("provision", "--yes"), ("destroy", "--confirm NAME")])
def test_without_a_terminal_nobody_can_be_asked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], command: str, instead: str
) -> None:
    assert opsctl(project(tmp_path, ACCOUNT), command) == 2
    assert f"add {instead}" in capsys.readouterr().err
    assert not (tmp_path / ".opsctl").exists()


@pytest.mark.process  # asks git for the commit
def test_destroy_confirms_the_right_environment(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert opsctl(project(tmp_path, ACCOUNT), "destroy", "--confirm", "production") == 2
    assert "the environment is dev" in capsys.readouterr().err


@pytest.mark.process  # asks git for the commit
def test_a_missing_terraform_says_where_to_name_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(StsAccount, "caller", lambda self: Caller("123456789012", "arn:aws:iam::123456789012:user/ana"))
    project(tmp_path, ACCOUNT | {"terraform": {"binary": "no-such-terraform"}})
    assert opsctl(tmp_path, "plan", "-o", "json") == 1
    said = capsys.readouterr()
    assert "no-such-terraform is not installed" in said.err
    assert "terraform.binary" in json.loads(said.out)["error"]["hint"]


@pytest.mark.process  # asks git for the commit
def test_an_unknown_plan_is_a_usage_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert opsctl(project(tmp_path, ACCOUNT), "provision", "--plan", "0007", "--yes") == 2
    assert "there is no plan 0007" in capsys.readouterr().err


@pytest.mark.process  # asks git for the commit
def test_after_provisioning_comes_a_release_into_whichever_color_is_idle(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """No color is named: the one that has the users would be refused."""
    made = ApplyRecord("dev", "123456789012", "apply", 5.0, "ana", 1, "", ApplyOutcome.SUCCEEDED, 2, 0, 0, 9.0)
    monkeypatch.setattr(provision, "provision", lambda *_: made)
    assert opsctl(project(tmp_path, ACCOUNT), "provision", "--yes") == 0
    assert "next   opsctl deploy · opsctl outputs" in capsys.readouterr().out


@pytest.mark.process  # asks git for the commit
@pytest.mark.parametrize("words", [["plan"], ["provision", "--yes"], ["destroy", "--confirm", "dev"]])
def test_a_held_lock_is_told_with_its_plan_and_life(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, words: list[str]
) -> None:
    def held(self: StsAccount) -> Caller:
        raise LockHeld("locked by ana", state="Nothing was changed.")

    monkeypatch.setattr(StsAccount, "caller", held)
    monkeypatch.setattr(wiring, "state_lock_ports", lambda project, environment: ports(FakeLocks(found=ran())))
    assert opsctl(project(tmp_path, ACCOUNT), *words) == 5
    said = capsys.readouterr().err
    assert "apply of plan 0007" in said
    assert "next   opsctl lock release --terraform" in said
