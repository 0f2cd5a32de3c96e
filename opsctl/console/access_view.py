"""Locks and freezes as the operator sees them."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from typing import Any

from opsctl.core.freeze import Freeze
from opsctl.core.lease import LeaseState, seems_dead, sentence
from opsctl.core.state_lock import seen_of, way_out
from opsctl.core.state_lock import sentence as sentence_of_state
from opsctl.core.status import freeze_json, lock_json


def access_json(lease: LeaseState | None, freeze: Freeze | None) -> dict[str, Any]:
    """Keys: lock, freeze; each null or an object as in `opsctl status`."""
    return {"lock": lock_json(lease), "freeze": freeze_json(freeze)}


def access_text(found: Mapping[str, Any], now: float) -> str:
    """`found` as by `access_json`, or the whole of a status. 80 columns."""
    freeze = _lines("freeze", freeze_words(found["freeze"], now))
    return "\n".join([*_lock_lines(found["lock"], now), *freeze, *state_lines(found.get("terraform"), now)])


def state_lines(state: Mapping[str, Any] | None, now: float) -> list[str]:
    """Terraform's lock, and what to type where it is held; nothing where there is no state."""
    if state is None:
        return []
    if state["state"] != "locked":
        return _lines("state", "free" if state["state"] == "free" else f"nobody can tell: {state['why']}")
    seen = seen_of(state)
    return [*_lines("state", sentence_of_state(seen, now)), *_lines("", f"next: {way_out(seen)}")]


def lock_words(lock: Mapping[str, Any] | None, now: float) -> str:
    if lock is None:
        return "free"
    lease = _lease(lock)
    return sentence(lease, now) + (" (its holder seems gone)" if seems_dead(lease, now) else "")


def freeze_words(freeze: Mapping[str, Any] | None, now: float) -> str:
    return Freeze(**freeze).sentence(now) if freeze else "none"


def _lock_lines(lock: Mapping[str, Any] | None, now: float) -> list[str]:
    ci = _lines("", f"CI job {lock['ci']}") if lock and lock["ci"] else []
    return [*_lines("lock", lock_words(lock, now)), *ci]


def _lease(lock: Mapping[str, Any]) -> LeaseState:
    known = {key: lock[key] for key in ("holder", "reason", "since", "renewed", "until", "ci")}
    return LeaseState(**known, duration=lock["expires"] - lock["renewed"])


def _lines(label: str, text: str) -> list[str]:
    return textwrap.wrap(
        text, 80, initial_indent=f"  {label:<8}  ", subsequent_indent=" " * 12, break_long_words=False,
        break_on_hyphens=False,
    )  # fmt: skip
