"""What each infrastructure command begins with: the environment, the operator at the terminal, the ports."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from opsctl.config import Loaded
    from opsctl.console import Console
    from opsctl.console.infra import TerminalOperator
    from opsctl.ports import InfraPorts


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


def open_desk(project: Path, env: str | None, console: Console, *, confirmed: bool = False, full: bool = False) -> Desk:
    from opsctl.config import load
    from opsctl.console.infra import TerminalOperator
    from opsctl.wiring import infrastructure

    loaded = load(project, env)
    operator = TerminalOperator(console, loaded.environment.name, confirmed=confirmed, in_full=full)
    return Desk(console, loaded, operator, infrastructure(loaded, operator))
