"""Files that are wrong in every way: all mistakes with file and line, or a clear refusal; never a traceback."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from config.mutations import Mutation, contradiction, hostile, misspelt, out_of_range, wrong_types
from core.test_rules import CASES

from opsctl.cli import app
from opsctl.cli.exits import run
from opsctl.config import load
from opsctl.errors import ConfigurationError, Mistake

TOLD = [*wrong_types(), *out_of_range(), *misspelt()]
CONTRADICTIONS = [
    contradiction(name, base.stage, wrong)
    for name, (base, wrong, _) in CASES.items()
    if name != "names fit"  # it is the file's own name that is too long there
]
REFUSED = [*hostile(), *CONTRADICTIONS]

Found = Callable[[Mutation], list[Mistake]]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "environments").mkdir()
    return tmp_path


@pytest.fixture
def found(project: Path) -> Found:
    def found(mutation: Mutation) -> list[Mistake]:
        (project / "environments" / "test.yaml").write_bytes(mutation.text)
        with pytest.raises(ConfigurationError) as raised:
            load(project, "test")
        return list(raised.value.mistakes)

    return found


def test_there_are_more_than_a_hundred() -> None:
    assert len({mutation.text for mutation in (*TOLD, *REFUSED)}) > 100


@pytest.mark.parametrize("mutation", TOLD, ids=lambda mutation: mutation.name)
def test_every_mistake_is_named_with_its_line_and_nothing_else(found: Found, mutation: Mutation) -> None:
    assert {(mistake.line, mistake.path.partition("[")[0]) for mistake in found(mutation)} == mutation.wrong


@pytest.mark.parametrize("mutation", REFUSED, ids=lambda mutation: mutation.name)
def test_what_is_refused_as_a_whole_says_where_and_why(found: Found, mutation: Mutation) -> None:
    mistakes = found(mutation)
    assert mistakes
    assert all(mistake.file == "environments/test.yaml" and mistake.message for mistake in mistakes)
    assert any(mistake.line for mistake in mistakes)


@pytest.mark.parametrize("mutation", [*TOLD[:6], *REFUSED], ids=lambda mutation: mutation.name)
def test_the_command_says_it_without_a_traceback(
    project: Path, mutation: Mutation, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "environments" / "test.yaml").write_bytes(mutation.text)
    assert run(app, ("config", "check", "--project", str(project))) == 3
    out, err = capsys.readouterr()
    assert out == ""
    assert "environments/test.yaml: " in err
    assert "Traceback" not in err
