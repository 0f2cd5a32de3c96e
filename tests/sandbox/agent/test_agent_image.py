"""The agent's image has Debian's Python and its `websockets`, and nothing else."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

import opsctl.sandbox.agent

SOURCES = sorted(Path(opsctl.sandbox.agent.__file__).parent.glob("*.py"))


def absolute_imports(source: str) -> set[str]:
    nodes = list(ast.walk(ast.parse(source)))
    plain = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    return plain | {node.module or "" for node in nodes if isinstance(node, ast.ImportFrom) and node.level == 0}


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.name)
def test_imports_only_what_the_image_has(source):
    tops = {name.partition(".")[0] for name in absolute_imports(source.read_text())}
    assert tops <= {*sys.stdlib_module_names, "websockets"}


def test_uses_no_part_of_websockets_that_debians_version_lacks():
    used = {
        name for source in SOURCES for name in absolute_imports(source.read_text()) if name.startswith("websockets")
    }
    assert used == {"websockets.server"}
