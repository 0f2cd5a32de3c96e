"""A project folder that a test fills with environment files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest

from opsctl.config import Loaded, load
from opsctl.errors import ConfigurationError, Mistake

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """write("text", name="x") puts environments/x.yaml into the project and returns the project."""

    def write(text: str, name: str = "test") -> Path:
        folder = tmp_path / "environments"
        folder.mkdir(exist_ok=True)
        (folder / f"{name}.yaml").write_text(dedent(text).lstrip("\n"), encoding="utf-8")
        return tmp_path

    return write


@pytest.fixture
def loaded(write: Write) -> Callable[[str], Loaded]:
    return lambda text: load(write(text), "test")


@pytest.fixture
def mistakes(write: Write) -> Callable[[str], list[Mistake]]:
    """Every mistake that the text has; an empty list if it is valid."""

    def mistakes(text: str) -> list[Mistake]:
        try:
            load(write(text), "test")
        except ConfigurationError as error:
            return list(error.mistakes)
        return []

    return mistakes
