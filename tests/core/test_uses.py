"""A key that is listed with its use is really read somewhere: `section.key` stands in the code of the product.

One whose use comes later is read nowhere yet, and there are ever fewer of those.
"""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest

import opsctl
from opsctl.core.uses import LATER, USES, sentences

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


def _names(path: str) -> set[str]:
    """What code that reads the key may look like."""
    section, leaf = path.split(".")[-2:]
    return {
        f"{section}.{leaf}",
        f"policy.{leaf}" if section == "release" else "",  # the section is the engine's policy
        f"hook.{leaf}" if ".hooks." in path else "",  # one piece of code runs them all
    }


@pytest.mark.parametrize("path", USES)
def test_it_is_read(path: str) -> None:
    assert _names(path) & read_in_code(), f"nothing reads {path}: {USES[path]}"


@pytest.mark.parametrize("path", LATER)
def test_it_is_not_read_yet(path: str) -> None:
    assert not _names(path) & read_in_code(), f"{path} is read now: move it from LATER to USES"


def test_no_new_key_without_a_use() -> None:
    """Lower the number with each key that gains a use; never raise it."""
    assert len(LATER) == 5
    assert not LATER.keys() & USES.keys()


def test_what_comes_later_says_so() -> None:
    path, sentence = next(iter(LATER.items()))
    assert sentences(path) == [f"not used yet: it will say {sentence}"]
