"""A key that is listed with its use is really read somewhere: `section.key` stands in the code of the product."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest

import opsctl
from opsctl.core.uses import USES

PACKAGE = Path(opsctl.__file__).parent
# Declaring, checking and rendering a key is not using it.
_NO_USE = (
    "config",
    "render",
    "core/environment",
    "core/uses.py",
    "core/rules",
    "core/advice.py",
    "core/capacity.py",
)


@cache
def read_in_code() -> frozenset[str]:
    """Every `x.y` where a name or attribute x is asked for its y."""
    files = [path for path in PACKAGE.rglob("*.py") if not path.relative_to(PACKAGE).as_posix().startswith(_NO_USE)]
    nodes = [node for path in files for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))]
    return frozenset(f"{_name(n.value)}.{n.attr}" for n in nodes if isinstance(n, ast.Attribute))


def _name(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


@pytest.mark.parametrize("path", USES)
def test_it_is_read(path: str) -> None:
    section, leaf = path.split(".")[-2:]
    names = {
        f"{section}.{leaf}",
        f"policy.{leaf}" if section == "release" else "",
        f"hook.{leaf}" if ".hooks." in path else "",  # one piece of code runs them all
    }  # the section is the engine's policy
    assert names & read_in_code(), f"nothing reads {path}: {USES[path]}"
