"""The adapter on real Terraform, with the built-in terraform_data resource: no provider, no network."""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from opsctl.core.apply_events import Applied, advance
from opsctl.core.apply_record import ApplyOutcome
from opsctl.core.plan import Action
from opsctl.core.plan_reading import MASKED, from_events, from_show
from opsctl.errors import Interrupted, LockHeld, Refused, ToolFailed, ToolMissing
from opsctl.flows.infra_apply import raise_unless_complete
from opsctl.tools.terraform.root import TerraformRoot

pytestmark = pytest.mark.terraform

ROOT = """
variable "seconds" { default = 0 }
variable "size" { default = 1 }
variable "password" {
  default   = "hush"
  sensitive = true
}
resource "terraform_data" "slow" {
  for_each = toset(["a", "b"])
  input    = each.key
  provisioner "local-exec" { command = "sleep ${var.seconds}" }
}
resource "terraform_data" "sized" {
  input            = { size = var.size, password = var.password }
  triggers_replace = [var.size]
}
output "size" { value = var.size }
check "size" {
  assert {
    condition     = var.size < 5
    error_message = "size is large"
  }
}
"""


@pytest.fixture
def root(tmp_path: Path, require: Callable[[str, str], str]) -> TerraformRoot:
    require("terraform", "put Terraform 1.11 or newer on PATH")
    made = TerraformRoot(tmp_path / "root", "terraform", {"CHECKPOINT_DISABLE": "1", "TF_CLI_CONFIG_FILE": None})
    made.directory.mkdir()
    (made.directory / "main.tf").write_text(ROOT)
    return made


def values(root: TerraformRoot, **given: object) -> None:
    (root.directory / "terraform.tfvars.json").write_text(json.dumps(given))


def ignore(event: Mapping[str, Any]) -> None:
    pass


def apply(root: TerraformRoot, file: Path, on_progress: Any = lambda applied: None) -> Applied:
    applied = Applied()

    def note(event: Mapping[str, Any]) -> None:
        nonlocal applied
        applied = advance(applied, event)
        on_progress(applied)

    root.apply(file, note, file.with_suffix(".jsonl"))
    return applied


def test_plan_apply_plan(root: TerraformRoot, tmp_path: Path) -> None:
    file = tmp_path / "plan.bin"
    root.prepare()
    run = root.plan(file, ignore)
    assert run.terraform == root.version()
    assert file.stat().st_mode & 0o077 == 0, "a plan holds the state"
    summary = from_events(run.events)
    assert (summary.counts[Action.ADD], summary.outputs) == (3, ("size",))

    applied = apply(root, file)
    assert (len(applied.added), applied.planned, applied.done) == (3, 3, 3)
    assert root.outputs()["size"]["value"] == 1
    assert from_events(root.plan(file, ignore).events).empty


def test_a_replacement_is_explained_and_masked(root: TerraformRoot, tmp_path: Path) -> None:
    file = tmp_path / "plan.bin"
    root.prepare()
    root.plan(file, ignore)
    apply(root, file)
    values(root, size=7, password="hush2")
    run = root.plan(file, ignore)
    assert from_events(run.events).warnings == ("size is large",)
    change = from_show(root.show(file)).changes[0]
    assert (change.address, change.action) == ("terraform_data.sized", "replace")
    assert [(found.path, found.before, found.after) for found in change.forced_by] == [
        ("triggers_replace[0]", "1", "7")
    ]
    inputs = {found.path: found.before for found in change.differences if found.path.startswith("input")}
    assert inputs == {"input.password": MASKED, "input.size": "1"}


def test_init_runs_again_only_where_it_matters(root: TerraformRoot, tmp_path: Path) -> None:
    root.prepare()
    stamp = root.directory / ".terraform" / "opsctl-init"
    first = stamp.stat().st_mtime_ns
    values(root, size=2)
    root.prepare()
    assert stamp.stat().st_mtime_ns == first, "values of variables need no init"
    (root.directory / "more.tf").write_text('output "more" { value = 1 }\n')
    root.prepare()
    assert stamp.stat().st_mtime_ns != first


def test_errors_carry_terraforms_words_and_place(root: TerraformRoot, tmp_path: Path) -> None:
    root.prepare()
    (root.directory / "wrong.tf").write_text('output "wrong" {\n  value = var.nothing\n}\n')
    with pytest.raises(ToolFailed, match=r"wrong\.tf:2: Reference to undeclared input variable") as error:
        root.plan(tmp_path / "plan.bin", ignore)
    assert error.value.state == "Nothing was changed."


def test_a_stale_plan_is_refused(root: TerraformRoot, tmp_path: Path) -> None:
    first, second = tmp_path / "first.bin", tmp_path / "second.bin"
    root.prepare()
    root.plan(first, ignore)
    root.plan(second, ignore)
    apply(root, first)
    with pytest.raises(Refused, match="stale"):
        raise_unless_complete(apply(root, second), ApplyOutcome.FAILED)


def test_one_interrupt_stores_the_state_and_gives_the_lock_back(root: TerraformRoot, tmp_path: Path) -> None:
    """Two resources take 30 s; Ctrl-C comes when both have begun and the third is done."""
    file, seen, sent = tmp_path / "plan.bin", Applied(), list[int]()
    values(root, seconds=30)
    root.prepare()
    root.plan(file, ignore)

    def interrupt(applied: Applied) -> None:
        nonlocal seen
        seen = applied
        if applied.done == 1 and len(applied.running) == 2 and not sent:
            sent.append(signal.SIGINT)
            os.kill(os.getpid(), signal.SIGINT)

    started = time.monotonic()
    with pytest.raises(Interrupted):
        apply(root, file, interrupt)
    assert time.monotonic() - started < 20
    assert seen.added == ("terraform_data.sized",)
    assert sorted(seen.failed) == ['terraform_data.slow["a"]', 'terraform_data.slow["b"]']
    values(root, seconds=0)
    summary = from_events(root.plan(file, ignore).events)  # takes the lock: it is free
    assert {change.address: str(change.action) for change in summary.changes} == {
        'terraform_data.slow["a"]': "replace",
        'terraform_data.slow["b"]': "replace",
    }


def test_a_second_apply_meets_the_lock_and_names_the_holder(root: TerraformRoot, tmp_path: Path) -> None:
    file = tmp_path / "plan.bin"
    values(root, seconds=3)
    root.prepare()
    root.plan(file, ignore)
    running, ended = threading.Event(), threading.Event()

    def hold() -> None:
        apply(root, file, lambda applied: running.set() if applied.running else None)
        ended.set()

    thread = threading.Thread(target=hold)
    thread.start()
    try:
        assert running.wait(20)
        with pytest.raises(LockHeld, match="runs an apply since"):
            root.plan(tmp_path / "other.bin", ignore)
        assert not ended.is_set()
    finally:
        thread.join(30)


def test_an_old_or_missing_terraform_says_what_to_do(root: TerraformRoot, tmp_path: Path) -> None:
    old = tmp_path / "old-terraform"
    old.write_text('#!/bin/sh\necho \'{"terraform_version": "1.9.8"}\'\n')
    old.chmod(0o755)
    with pytest.raises(ToolMissing, match=r"Terraform 1\.9\.8 is too old") as error:
        TerraformRoot(root.directory, str(old), {}).prepare()
    assert "1.11 or newer" in error.value.hint
    with pytest.raises(ToolMissing, match="no-terraform is not installed"):
        TerraformRoot(root.directory, "no-terraform", {}).prepare()
