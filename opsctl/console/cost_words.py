"""Amounts of money in words."""

from __future__ import annotations

from math import ceil
from typing import Any

from opsctl.core.cost.difference import CostChange, over_budget


def dollars(amount: float) -> str:
    return f"{amount:,.0f}" if amount >= 10 else f"{amount:,.2f}"


def percent(share: float) -> str:
    return f"{ceil(round(share * 100, 6))} %"


def change_words(change: CostChange | None) -> str:
    """`+$143 a month (2,013 → 2,156, estimate ±20 %)`"""
    if change is None:
        return "unknown, and compared with no budget: no prices for this region"
    sign = "-" if change.difference < 0 else "+"
    least = "at least " if change.partial else ""
    sides = f"{change.before:,.0f} → {change.after:,.0f}"
    return f"{sign}${abs(change.difference):,.0f} a month ({least}{sides}, estimate ±{percent(change.error)})"


def budget_lines(change: CostChange | None, budget: float | None) -> list[str]:
    """Said by a plan that could not be applied without more ado."""
    over = over_budget(change, budget)
    return [f"  budget   ${over:,.0f} a month over it: provision wants --over-budget"] if over else []


def change_data(change: CostChange | None) -> dict[str, Any] | None:
    return None if change is None else {**vars(change), "difference": change.difference}
