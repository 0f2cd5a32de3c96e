"""The examples of docs/hooks.md are valid, and its tables name what there is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from fakes import World
from release_runs import release

from opsctl.config import load
from opsctl.core.environment import Hooks
from opsctl.core.hook import HookName, configured, every, facts
from opsctl.core.notice import Event

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "hooks.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)


@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_is_valid(example: str, tmp_path: Path) -> None:
    folder = tmp_path / "environments"
    folder.mkdir()
    (folder / "live.yaml").write_text(example)
    found = load(tmp_path, "live").environment.release
    assert configured(found) or found.notify.webhooks


def test_there_are_examples_of_both() -> None:
    assert len(EXAMPLES) == 2


def test_the_tables_name_every_hook_variable_and_event() -> None:
    variables = facts(HookName.PRE_DEPLOY, "live", release(World(), "good:1"), None)
    assert re.findall(r"^\| `([a-z_]+)` \|", PAGE, re.MULTILINE) == list(HookName)
    assert set(re.findall(r"`(OPSCTL_\w+)`", PAGE)) == variables.keys()
    assert all(f"`{event}`" in PAGE for event in Event)
    assert list(every(Hooks())) == list(HookName)
