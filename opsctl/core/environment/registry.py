"""The registry of the application's images."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from annotated_types import Ge, Le, Len, Predicate

from opsctl.core import formats
from opsctl.core.environment.types import STRICT, Days


@dataclass(frozen=True)
class Registry:
    __pydantic_config__: ClassVar[dict[str, str]] = dict(STRICT)

    existing_url: Annotated[str, Len(1, 300), Predicate(formats.ecr_url)] | None = None
    """ECR repository to use instead of making one; how it expires, scans and copies images is left to its owner."""
    keep_images: Annotated[int, Ge(1), Le(1000)] = 50
    """Tagged images kept; older ones expire."""
    untagged_days: Days = 14
    """Untagged images expire after this many days."""
    enhanced_scanning: bool = True
    """Images are judged again when a weakness becomes known. The account's setting: on in one of its environments."""
    replicate: bool = True
    """Images are copied to aws.dr_region. The account's setting: on in one of its environments."""
