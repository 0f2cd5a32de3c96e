"""The state bucket's own root, on a program that answers as Terraform would."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from opsctl.core.environment import Aws, Environment, State, Terraform
from opsctl.tools.terraform.roots import BootstrapRoot

pytestmark = pytest.mark.process

KEY, BUCKET = "aws_kms_key.state", "aws_s3_bucket.state"

PROGRAM = """#!/bin/sh
echo "$@" >> {said}
case "$1" in
  version) echo '{{"terraform_version": "1.11.4"}}' ;;
  show) cat {state} ;;
esac
"""


def bootstrap(folder: Path) -> BootstrapRoot:
    program = folder / "terraform"
    program.write_text(PROGRAM.format(said=folder / "said", state=folder / "state.json"))
    program.chmod(0o700)
    resources = [{"address": KEY, "tainted": True}, {"address": BUCKET}]
    (folder / "state.json").write_text(json.dumps({"values": {"root_module": {"resources": resources}}}))
    environment = Environment(
        name="test",
        aws=Aws(account_id="123456789012"),
        state=State(bucket="bucket"),
        terraform=Terraform(binary=str(program)),
    )
    return BootstrapRoot(folder, environment, {})


def untainted(folder: Path) -> list[str]:
    return [line for line in (folder / "said").read_text().splitlines() if line.startswith("untaint")]


def test_what_an_interrupted_apply_had_begun_is_kept_as_it_may_not_be_made_anew(tmp_path: Path) -> None:
    root = bootstrap(tmp_path)
    root.directory.mkdir(parents=True)
    (root.directory / "terraform.tfstate").write_text("{}")
    root.prepare()
    assert untainted(tmp_path) == [f"untaint {KEY}"]


def test_without_a_state_there_is_nothing_to_keep(tmp_path: Path) -> None:
    bootstrap(tmp_path).prepare()
    assert untainted(tmp_path) == []
