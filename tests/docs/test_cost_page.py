"""docs/cost.md says of which day the prices are."""

from __future__ import annotations

from pathlib import Path

from opsctl.core.cost.prices import BOOKS

PAGE = Path(__file__).resolve().parents[2] / "docs" / "cost.md"


def test_the_page_names_each_table() -> None:
    text = PAGE.read_text()
    for book in BOOKS.values():
        assert f"Table {book.version}, captured on {book.captured_on}, for {book.region}" in text
