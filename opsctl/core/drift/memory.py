"""Since when drift has been there: what was seen before, and what is gone since."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from opsctl.core.drift.finding import Found


@dataclass(frozen=True)
class Seen:
    """Seconds since the epoch; address and attribute for the day on which it is gone."""

    address: str
    attribute: str
    first: float
    last: float


Memory = Mapping[str, Seen]
"""By the finding's id."""


def remember(before: Memory, found: Sequence[Found], now: float) -> tuple[dict[str, Seen], dict[str, Seen]]:
    """(what is to be remembered now, what was there the last time and is gone)."""
    after = {
        each.id: Seen(each.address, each.attribute, before[each.id].first if each.id in before else now, now)
        for each in found
    }
    return after, {number: seen for number, seen in before.items() if number not in after}
