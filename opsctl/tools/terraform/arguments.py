"""Argument lists, built by python-terraform.

Only that part of the library is used. Its way of running Terraform waits for the end before it shows
anything, cannot be given an environment and leaves the child behind on Ctrl-C; its `destroy` sends a flag
that Terraform no longer has. So `cmd`, through which each of its methods ends, returns the list instead.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import python_terraform
from python_terraform import IsFlagged, IsNotFlagged

Argv = tuple[str, ...]


class _Builder(python_terraform.Terraform):  # type: ignore[misc]  # it has no types
    def cmd(self, cmd: str, *args: str, **options: Any) -> Argv:
        return tuple(self.generate_cmd_string(cmd, *args, **options))

    def read_state_file(self, file_path: str | None = None) -> None:
        """The library would read whatever terraform.tfstate lies in the current directory."""

    def __getattr__(self, name: str) -> Any:
        """The library would turn any misspelt method into a Terraform command."""
        raise AttributeError(name)


def init(binary: str) -> Argv:
    """`-reconfigure`: the backend is rendered, so what an earlier run remembers of it never counts."""
    built: Argv = _Builder(terraform_bin_path=binary).init(json=IsFlagged, backend=None, input=False, var=None)
    return built


def plan(binary: str, out: Path, *, destroy: bool = False, lock: bool = True) -> Argv:
    """Variables never appear: Terraform reads terraform.tfvars.json, and a saved plan accepts none."""
    built: Argv = _Builder(terraform_bin_path=binary).plan(
        detailed_exitcode=IsNotFlagged,
        json=IsFlagged, out=out, var=None, lock=None if lock else False,
        destroy=IsFlagged if destroy else IsNotFlagged,
    )  # fmt: skip
    return built


def apply(binary: str, plan_file: Path) -> Argv:
    """The library adds `-auto-approve=false`, which Terraform ignores beside a plan file: it cannot slip in."""
    built: Argv = _Builder(terraform_bin_path=binary).apply(str(plan_file), json=IsFlagged, var=None)
    return built


def show(binary: str, plan_file: Path) -> Argv:
    return _Builder(terraform_bin_path=binary).cmd("show", str(plan_file), json=IsFlagged)


def output(binary: str) -> Argv:
    return _Builder(terraform_bin_path=binary).cmd("output", json=IsFlagged)


def state_list(binary: str) -> Argv:
    return _Builder(terraform_bin_path=binary).cmd("state list")


def show_state(binary: str) -> Argv:
    return _Builder(terraform_bin_path=binary).cmd("show", json=IsFlagged)


def push_state(binary: str, file: str) -> Argv:
    return _Builder(terraform_bin_path=binary).cmd("state push", file)


def untaint(binary: str, address: str) -> Argv:
    return _Builder(terraform_bin_path=binary).cmd("untaint", address)


def unlock(binary: str, lock: str) -> Argv:
    return _Builder(terraform_bin_path=binary).cmd("force-unlock", lock, force=IsFlagged)


def version(binary: str) -> Argv:
    return _Builder(terraform_bin_path=binary).cmd("version", json=IsFlagged)
