"""`opsctl doctor` on the guard: whether there will be one, and what is lost where there will not."""

from __future__ import annotations

from typing import Any

import pytest

from opsctl.core.checkup import Level
from opsctl.core.environment import Release
from opsctl.errors import Unreachable
from opsctl.tools.checkup import check_guard


class Asked:
    """Answers access reviews: everything is allowed but these resources."""

    def __init__(self, *refused: str, silent: bool = False) -> None:
        self.refused, self.silent = refused, silent

    def request(self, method: str, path: str, body: Any) -> dict[str, Any]:
        if self.silent:
            raise Unreachable("no answer")
        asked = body["spec"]["resourceAttributes"]
        return {"status": {"allowed": f"{asked['verb']} {asked['resource']}" not in self.refused}}


IMAGE = Release(guard_image="opsctl:1")


@pytest.mark.parametrize(
    ("policy", "asked", "level", "words"),
    [
        (Release(guard="none"), Asked(), Level.OK, "none wanted"),
        (Release(), Asked(), Level.WARN, "nobody brings users back"),
        (IMAGE, Asked(), Level.OK, "opsctl:1"),
        (IMAGE, Asked("create roles"), Level.WARN, "may not create roles in apps"),
        (IMAGE, Asked(silent=True), Level.WARN, "no answer"),
    ],
)
def test_what_doctor_says(policy: Release, asked: Any, level: Level, words: str) -> None:
    found = check_guard(asked, "apps", policy)
    assert (found.name, found.level) == ("guard", level)
    assert words in found.detail
