"""docs/infrastructure.md says of every module what is in the source."""

from __future__ import annotations

from opsctl.cli.infrastructure_page import PAGE, modules, plan_only, resources, with_table


def test_the_table_is_fresh() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert page == with_table(page), "make generate"


def test_what_is_only_planned_exists_and_says_why() -> None:
    known = {address for module in modules() for address in resources(module)}
    for entry in plan_only():
        assert set(entry.addresses) <= known
        assert len(entry.reason) > 20
