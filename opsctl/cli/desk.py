"""What each infrastructure command begins with: the environment, the operator at the terminal, the ports."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from opsctl.errors import LockHeld, UsageError

if TYPE_CHECKING:
    from opsctl.config import Loaded
    from opsctl.console import Console
    from opsctl.console.infra import TerminalOperator
    from opsctl.ports.provisioning import InfraPorts


@dataclass(frozen=True)
class Desk:
    console: Console
    loaded: Loaded
    operator: TerminalOperator
    ports: InfraPorts

    @property
    def heading(self) -> str:
        aws = self.loaded.environment.aws
        return f"{self.loaded.environment.name} · account {aws.account_id} · {aws.region}"

    @contextmanager
    def naming_the_holder(self) -> Iterator[None]:
        """Terraform says of its lock whose it is; this adds of which plan, and whether that one lives."""
        from opsctl import wiring
        from opsctl.flows.state_lock import with_a_face

        try:
            yield
        except LockHeld as held:
            ports = wiring.state_lock_ports(self.loaded.project, self.loaded.environment)
            raise (with_a_face(ports, held) if ports else held) from held


def open_desk(
    project: Path, env: str | None, console: Console, *, yes: bool = False, confirm: str | None = None
) -> Desk:
    """`yes` and `confirm` are the options that answer a question beforehand. Raises UsageError where that says another
    name than the environment's."""
    from opsctl.config import load
    from opsctl.console.asking import Answers
    from opsctl.console.infra import TerminalOperator
    from opsctl.wiring import infrastructure

    loaded = load(project, env)
    name = loaded.environment.name
    if confirm not in (None, name):
        raise UsageError(f"--confirm says {confirm}, but the environment is {name}", state="Nothing was changed.")
    operator = TerminalOperator(console, name, Answers(yes, confirm is not None))
    return Desk(console, loaded, operator, infrastructure(loaded, operator))
