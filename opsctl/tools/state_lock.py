"""Terraform's lock: the object beside the state in its bucket, and the runs on this computer that may have taken it."""

from __future__ import annotations

from dataclasses import dataclass

from opsctl.core.state_lock import Run, TerraformLock, from_object
from opsctl.errors import Unreachable
from opsctl.tools.saved_plans import PlanFolder
from opsctl.tools.state_bucket import StateBucketTool
from opsctl.tools.terraform.roots import StackRoot


@dataclass(frozen=True)
class StateLockTool:
    bucket: StateBucketTool
    state_key: str
    plans: PlanFolder
    stack: StackRoot

    def read(self) -> TerraformLock | None:
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            found = self.bucket.get(f"{self.state_key}.tflock")
        except (BotoCoreError, ClientError, ValueError) as error:
            raise Unreachable(
                f"the state bucket {self.bucket.name} does not tell who holds Terraform's lock: {str(error)[:200]}",
                state="Nothing was changed.",
                hint="check credentials, aws.profile and aws.region; opsctl doctor looks at each",
            ) from error
        return from_object(found) if found else None

    def runs(self) -> tuple[Run, ...]:
        return self.plans.runs()

    def unlock(self, lock: TerraformLock) -> None:
        """By Terraform itself, which removes the lock only if it has this id."""
        self.stack.prepare()
        self.stack.unlock(lock.id)
