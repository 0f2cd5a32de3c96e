"""The written folder: same bytes for the same input, whole files, nothing of others touched."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from opsctl.core.derive import derive
from opsctl.core.environment import Aws, Environment
from opsctl.errors import OpsError
from opsctl.tools import rendered
from opsctl.tools.rendered import write
from opsctl.tools.terraform.root import TerraformRoot
from opsctl.tools.terraform.roots import StackRoot

EMULATED = derive(Environment(name="local", aws=Aws(account_id="123456789012", emulated=True)))[0]
REAL = replace(EMULATED, aws=replace(EMULATED.aws, emulated=False))


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_terraform_folder_and_values(tmp_path: Path) -> None:
    done = write(tmp_path, EMULATED)
    files = contents(tmp_path / ".opsctl" / "local")
    assert {"values-blue.yaml", "values-green.yaml", "values-edge.yaml"} <= files.keys()
    assert {"terraform/main.tf", "terraform/modules/network/main.tf", "terraform/backend.tf.json"} <= files.keys()
    assert not [path for path in files if path.startswith(("terraform/bootstrap", "terraform/tests"))]
    assert json.loads(files["terraform/terraform.tfvars.json"])["context"]["environment"] == "local"
    assert set(done.files) == files.keys() - {"rendered.json"}


def test_a_plan_takes_nothing_out_of_what_render_wrote(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Terraform's folder is rendered before each use, and the values with it."""
    monkeypatch.setattr(TerraformRoot, "prepare", lambda root: None)
    outputs = {"database": {"address": "db.internal"}}
    write(tmp_path, EMULATED, outputs)
    before = contents(tmp_path)
    StackRoot(tmp_path, EMULATED, {}, lambda: outputs).prepare()
    assert contents(tmp_path) == before
    assert b"db.internal" in before[".opsctl/local/values-blue.yaml"]


def test_same_input_same_bytes_and_nothing_written_twice(tmp_path: Path) -> None:
    write(tmp_path, EMULATED)
    first = contents(tmp_path)
    times = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*") if path.is_file()}
    again = write(tmp_path, EMULATED)
    assert (again.written, again.removed) == ((), ())
    assert contents(tmp_path) == first
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*") if path.is_file()} == times


def test_a_file_changed_by_hand_is_written_again(tmp_path: Path) -> None:
    done = write(tmp_path, EMULATED)
    (done.folder / "values-blue.yaml").write_text("color: red\n")
    assert write(tmp_path, EMULATED).written == ("values-blue.yaml",)


def test_what_is_no_longer_rendered_goes_and_what_is_not_ours_stays(tmp_path: Path) -> None:
    done = write(tmp_path, EMULATED)
    kept = [done.terraform / ".terraform" / "x", done.terraform / ".terraform.lock.hcl", done.terraform / "p.tfplan"]
    for path in [*kept, done.folder / "kubeconfig"]:
        path.parent.mkdir(exist_ok=True)
        path.write_text("theirs")
    assert write(tmp_path, REAL).removed == ("terraform/provider_override.tf.json",)
    assert not (done.terraform / "provider_override.tf.json").exists()
    assert all(path.read_text() == "theirs" for path in [*kept, done.folder / "kubeconfig"])


def test_an_old_module_goes_with_its_folder(tmp_path: Path) -> None:
    done = write(tmp_path, EMULATED)
    old = done.terraform / "modules" / "old" / "main.tf"
    old.parent.mkdir()
    old.write_text("")
    listed = json.loads((done.folder / "rendered.json").read_text())
    (done.folder / "rendered.json").write_text(json.dumps([*listed, "terraform/modules/old/main.tf"]))
    assert write(tmp_path, EMULATED).removed == ("terraform/modules/old/main.tf",)
    assert not old.parent.exists()
    assert done.terraform.is_dir()


@pytest.mark.parametrize("listed", ['["../../precious", "/etc/hostname", 3, ""]', "{}", "not json", ""])
def test_a_damaged_list_leads_nowhere(tmp_path: Path, listed: str) -> None:
    (tmp_path / "precious").write_text("x")
    done = write(tmp_path, EMULATED)
    (done.folder / "rendered.json").write_text(listed)
    assert write(tmp_path, EMULATED).removed == ()
    assert (tmp_path / "precious").read_text() == "x"


def test_an_interrupted_run_leaves_whole_files_and_is_repaired(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real, calls = os.replace, []

    def stops_at_the_fifth(source: str, target: Path) -> None:
        calls.append(target)
        if len(calls) == 5:
            raise KeyboardInterrupt
        real(source, target)

    monkeypatch.setattr(rendered.os, "replace", stops_at_the_fifth)
    with pytest.raises(KeyboardInterrupt):
        write(tmp_path, EMULATED)
    half = contents(tmp_path)
    assert len(half) == 4
    monkeypatch.undo()
    write(tmp_path, EMULATED)
    whole = contents(tmp_path)
    assert {path: whole[path] for path in half if not path.endswith("rendered.json")} == {
        path: content for path, content in half.items() if not path.endswith("rendered.json")
    }


def test_a_folder_that_cannot_be_written_is_said_plainly(tmp_path: Path) -> None:
    (tmp_path / ".opsctl").write_text("a file where a folder should be")
    with pytest.raises(OpsError, match="cannot write") as caught:
        write(tmp_path, EMULATED)
    assert "opsctl render" in caught.value.hint
