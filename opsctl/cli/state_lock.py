"""Terraform's lock, as `opsctl lock show` and `lock release --terraform` have it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from opsctl.console import Console
from opsctl.errors import OpsError, Unreachable

if TYPE_CHECKING:
    from opsctl.core.environment import Environment


def state_seen(project: Path, environment: Environment) -> dict[str, Any] | None:
    """As data; None where the environment has no state. Where nobody can tell, that is the answer."""
    from opsctl import wiring
    from opsctl.core.state_lock import seen_json
    from opsctl.flows.state_lock import look

    ports = wiring.state_lock_ports(project, environment)
    if ports is None:
        return None
    try:
        return seen_json(look(ports))
    except Unreachable as error:
        return {"state": "unknown", "why": error.message}


def release_state(project: Path, environment: Environment, console: Console, lock_id: str | None) -> None:
    from opsctl import wiring
    from opsctl.core.state_lock import seen_json, sentence
    from opsctl.flows.state_lock import unlock

    ports = wiring.state_lock_ports(project, environment)
    if ports is None:
        raise OpsError(f"{environment.name} has no state: aws.account_id is open", state="Nothing was changed.")
    released = unlock(ports, lock_id)
    text = "Nobody had Terraform's lock."
    if released:
        text = f"Terraform's state is free; it was {sentence(released, ports.now())}\n  next   opsctl plan"
    console.data({"released": seen_json(released) if released else None}, text)
