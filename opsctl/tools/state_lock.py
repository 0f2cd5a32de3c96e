"""Terraform's lock: the object beside the state in its bucket, and the runs on this computer that may have taken it."""

from __future__ import annotations

from dataclasses import dataclass

from opsctl.core.state_lock import Run, TerraformLock, from_object
from opsctl.errors import Unreachable
from opsctl.tools.aws import hint_of
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
            found = self.bucket.get(self._key)
            return None if found is None else from_object(found)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise Unreachable(
                f"what lies at s3://{self.bucket.name}/{self._key} is no lock of Terraform's, so nobody can tell who "
                "holds it; Terraform will not start while it is there",
                state="Nothing was changed.",
                hint="make sure that nobody runs Terraform, then delete that object by hand",
            ) from error
        except (BotoCoreError, ClientError) as error:
            raise Unreachable(
                f"the state bucket {self.bucket.name} does not tell who holds Terraform's lock: {str(error)[:200]}",
                state="Nothing was changed.",
                hint=hint_of(
                    self.bucket.aws, "check credentials, aws.profile and aws.region; opsctl doctor looks at each"
                ),
            ) from error

    @property
    def _key(self) -> str:
        return f"{self.state_key}.tflock"

    def runs(self) -> tuple[Run, ...]:
        return self.plans.runs()

    def unlock(self, lock: TerraformLock) -> None:
        """By Terraform itself, which removes the lock only if it has this id."""
        self.stack.prepare()
        self.stack.unlock(lock.id)
