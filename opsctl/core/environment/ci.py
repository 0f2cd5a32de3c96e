"""The pipeline: who may do what in AWS, and what it demands before it releases."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, ClassVar, Literal

from annotated_types import Ge, Le, MinLen

from opsctl.core.environment.types import STRICT

CheckName = Literal["lint", "types", "tests", "scan"]


@dataclass(frozen=True)
class Ci:
    __pydantic_config__: ClassVar[dict[str, str]] = dict(STRICT)

    required_checks: Annotated[list[CheckName], MinLen(1)] = field(
        default_factory=lambda: ["lint", "types", "tests", "scan"]
    )
    """What must pass before an image is pushed."""
    deploy_on: Literal["tag", "branch", "manual"] = "tag"
    """What makes a release: a tag vX.Y.Z, a push to the branch, or a person."""
    approvals: Annotated[int, Ge(0), Le(6)] = 1
    """People other than the author who agree before anything is applied or released; production needs one."""
    image_scan_limit: Literal["critical", "high"] = "high"
    """From this severity on, a finding that has a fix keeps an image out of the registry."""
    artifact_days: Annotated[int, Ge(1), Le(90)] = 5
    """How long plans and reports are kept, days; a plan may hold secrets, so only as long as it is needed."""
