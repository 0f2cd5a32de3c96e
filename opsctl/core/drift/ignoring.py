"""Drift that somebody lets be: by rules with a reason and an end, which are told when they no longer fit."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from opsctl.core.drift.finding import Found
from opsctl.core.environment import Ignored
from opsctl.core.plan import within


@dataclass(frozen=True)
class Sorted:
    """`ignored` has the name of the rule of each finding's id. `expired` and `unknown` are names of rules."""

    open: tuple[Found, ...]
    let_be: tuple[Found, ...]
    ignored: Mapping[str, str]
    expired: tuple[str, ...]
    unknown: tuple[str, ...]


def sort_out(found: Sequence[Found], rules: Mapping[str, Ignored], known: Collection[str], today: str) -> Sorted:
    """`known` are the addresses of all resources, `today` a day such as 2026-12-31. A rule's last day counts."""
    valid = {name: rule for name, rule in rules.items() if rule.until >= today}
    ignored = {each.id: name for each in found for name, rule in valid.items() if _fits(rule, each)}
    return Sorted(
        open=tuple(each for each in found if each.id not in ignored),
        let_be=tuple(each for each in found if each.id in ignored),
        ignored=ignored,
        expired=tuple(sorted(rules.keys() - valid.keys())),
        unknown=tuple(sorted(name for name, rule in valid.items() if not _is_known(rule, known))),
    )


def _fits(rule: Ignored, found: Found) -> bool:
    return within(found.address, rule.address) and within(found.attribute, rule.attribute)


def _is_known(rule: Ignored, known: Collection[str]) -> bool:
    return any(within(address, rule.address) for address in known)
