"""What is remembered of applies."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from opsctl.core.environment import Environment

if TYPE_CHECKING:
    from opsctl.core.apply_record import LastApply
    from opsctl.tools.apply_records import ApplyRecordStore, RecordedOutputs


def state_key(environment: Environment) -> str:
    return environment.state.key or f"{environment.name}/terraform.tfstate"


def last_apply(project: Path, environment: Environment) -> LastApply | None:
    """The environment's last apply, asked from its state bucket: about 0.3 s, most of it loading botocore.

    None while the account is open: there can be no apply, and nobody to ask.
    """
    return apply_records(project, environment).last() if environment.aws.account_id else None


def known_outputs(project: Path, environment: Environment) -> RecordedOutputs:
    """What provision made, as `opsctl outputs` prints it; nothing while the account is open."""
    from opsctl.tools.apply_records import RecordedOutputs

    return apply_records(project, environment).outputs() if environment.aws.account_id else RecordedOutputs({})


def apply_records(project: Path, environment: Environment) -> ApplyRecordStore:
    from opsctl.tools.apply_records import ApplyRecordStore
    from opsctl.tools.rendered import folder_of
    from opsctl.tools.state_bucket import StateBucketTool

    folder = folder_of(project, environment.name)
    bucket = StateBucketTool(environment.state.bucket or "", environment.aws, project, folder)
    return ApplyRecordStore(folder, bucket, state_key(environment))
