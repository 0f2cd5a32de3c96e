"""Argument lists: what python-terraform builds for us, and that it runs nothing itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from opsctl.tools.terraform import arguments

OUT = Path("/p/plan.bin")


def test_init_asks_nothing_and_forgets_the_old_backend() -> None:
    argv = arguments.init("terraform")
    assert argv[:2] == ("terraform", "init")
    assert set(argv[2:]) == {"-json", "-input=false", "-no-color", "-reconfigure"}


def test_plan_carries_no_variables() -> None:
    argv = arguments.plan("/opt/tf", OUT)
    assert argv[:2] == ("/opt/tf", "plan")
    assert set(argv[2:]) == {"-json", "-input=false", "-no-color", "-out=/p/plan.bin"}


def test_plan_to_destroy_and_plan_without_lock() -> None:
    assert "-destroy" in arguments.plan("terraform", OUT, destroy=True)
    assert "-lock=false" in arguments.plan("terraform", OUT, lock=False)


def test_apply_takes_only_the_plan_and_never_approves_by_itself() -> None:
    argv = arguments.apply("terraform", OUT)
    assert argv[-1] == "/p/plan.bin"
    assert set(argv[2:-1]) == {"-json", "-input=false", "-no-color", "-auto-approve=false"}


def test_reading() -> None:
    assert arguments.show("terraform", OUT) == ("terraform", "show", "-json", "/p/plan.bin")
    assert arguments.output("terraform") == ("terraform", "output", "-json")
    assert arguments.version("terraform") == ("terraform", "version", "-json")


def test_a_misspelt_method_is_no_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both are habits of the library: any attribute is a command, and a state file lying about is read."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "terraform.tfstate").write_text("not JSON")
    builder = arguments._Builder()
    with pytest.raises(AttributeError):
        builder.aply("plan.bin")


def test_unlocking_asks_nothing_and_names_the_lock_last() -> None:
    assert arguments.unlock("terraform", "5f0a") == ("terraform", "force-unlock", "-force", "5f0a")


def test_the_state_s_addresses() -> None:
    assert arguments.state_list("terraform") == ("terraform", "state", "list")
