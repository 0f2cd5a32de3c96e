"""Links between the project's own pages and files lead somewhere."""

from __future__ import annotations

import re
from typing import Any

_ELSEWHERE = re.compile(r"^[a-z]+:")  # https:, mailto: — not asked, as tests need no network


def test_every_relative_link_resolves(pages: list[Any]) -> None:
    by_path = {page.path: page for page in pages}
    broken, seen = [], 0
    for page in pages:
        for line, target in page.links():
            if _ELSEWHERE.match(target):
                continue
            seen += 1
            file, _, anchor = target.partition("#")
            path = (page.path.parent / file).resolve() if file else page.path
            known = by_path[path].anchors() if path in by_path else set()
            if not path.exists() or (anchor and anchor not in known):
                broken.append(f"{page.name}:{line}: {target}")
    assert seen > 3, "the search itself must find something"
    assert not broken, "\n".join(broken)
