"""Terraform's lock in memory."""

from __future__ import annotations

from dataclasses import dataclass, field

from opsctl.core.state_lock import Run, TerraformLock
from opsctl.errors import Unreachable
from opsctl.ports.terraform import StateLockPorts

LOCK = TerraformLock("5f0aa1d8", "ana@build-7", "OperationTypeApply", 1000.0)


@dataclass
class FakeLocks:
    lock: TerraformLock | None = LOCK
    found: tuple[Run, ...] = ()
    asked: list[str] = field(default_factory=list)
    obeys: bool = True
    silent: bool = False

    def read(self) -> TerraformLock | None:
        if self.silent:
            raise Unreachable("no answer")
        return self.lock

    def runs(self) -> tuple[Run, ...]:
        return self.found

    def unlock(self, lock: TerraformLock) -> None:
        self.asked.append(lock.id)
        if self.obeys:
            self.lock = None


def ports(locks: FakeLocks, host: str = "build-7") -> StateLockPorts:
    return StateLockPorts(locks, host, lambda: 1100.0)


def ran(alive: bool = False) -> tuple[Run, ...]:
    return (Run(7, "apply", 999.0, alive, ended=False, worked=1001.0),)
