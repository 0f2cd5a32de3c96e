"""What is made of programs that answer as Terraform would, or as it should not."""

from __future__ import annotations

from pathlib import Path

import pytest

from opsctl.errors import LockHeld, OpsError, TerraformFailed, ToolMissing
from opsctl.tools.terraform.root import TerraformRoot

pytestmark = pytest.mark.process

RED, PLAIN = "\\033[31m", "\\033[0m"
DENIED = "\\n".join((
    f"{RED}╷{PLAIN}",
    f"{RED}│{PLAIN} {RED}Error: {PLAIN}The backend has no",
    f"{RED}│{PLAIN} state for you",
    f"{RED}╵{PLAIN}",
))  # fmt: skip
LOCKED = "│ Error: Error acquiring the state lock\\n│ Lock Info:\\n│   ID:        abc\\n│   Who:       ana@build-7\\n"


def root(folder: Path, script: str) -> TerraformRoot:
    program = folder / "terraform"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o700)
    return TerraformRoot(folder, str(program), {})


def test_an_error_in_a_frame_and_in_colors_is_read_whole(tmp_path: Path) -> None:
    with pytest.raises(TerraformFailed) as error:
        root(tmp_path, f"printf '{DENIED}' >&2; exit 1").outputs()
    assert error.value.message == "terraform output failed: The backend has no state for you"


@pytest.mark.parametrize("said", ["hello", "[]", '{"terraform_version": "new"}'])
def test_a_program_that_is_no_terraform_is_called_so(tmp_path: Path, said: str) -> None:
    with pytest.raises(ToolMissing, match="does not say its version as Terraform does"):
        root(tmp_path, f"echo '{said}'").version()


def test_a_terraform_that_fails_in_silence_makes_one_think_of_the_disk(tmp_path: Path) -> None:
    with pytest.raises(OpsError) as error:
        root(tmp_path, "exit 1").plan(tmp_path / "plan.bin", lambda event: None)
    assert "is there room left" in error.value.hint


def left_behind(folder: Path, script: str) -> TerraformRoot:
    folder.joinpath("errored.tfstate").write_text("{}")
    return root(folder, script)


def test_a_state_that_was_left_behind_is_pushed_and_goes(tmp_path: Path) -> None:
    stack = left_behind(tmp_path, 'echo "$@" > said')
    assert stack.unstored()
    stack.store()
    assert (tmp_path / "said").read_text() == "state push errored.tfstate\n"
    assert not stack.unstored()


def test_a_state_that_is_not_taken_is_kept_and_the_error_says_where(tmp_path: Path) -> None:
    with pytest.raises(TerraformFailed, match="cannot overwrite existing state") as error:
        left_behind(tmp_path, "echo 'cannot overwrite existing state with serial 9' >&2; exit 1").store()
    assert str(tmp_path / "errored.tfstate") in error.value.state
    assert (tmp_path / "errored.tfstate").is_file()


def test_a_lock_that_is_in_the_way_of_storing_has_its_face(tmp_path: Path) -> None:
    with pytest.raises(LockHeld, match="ana@build-7") as error:
        left_behind(tmp_path, f"printf '{LOCKED}' >&2; exit 1").store()
    assert "opsctl lock show" in error.value.hint


def test_a_state_that_an_apply_leaves_behind_is_for_this_user_alone(tmp_path: Path) -> None:
    stack = root(tmp_path, "umask 022; echo {} > errored.tfstate; exit 1")
    assert stack.apply(tmp_path / "plan.bin", lambda event: None, tmp_path / "log") is False
    assert (tmp_path / "errored.tfstate").stat().st_mode & 0o077 == 0
