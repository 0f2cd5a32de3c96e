"""The application's secrets."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, ClassVar

from annotated_types import Ge, Le, Predicate

from opsctl.core import formats
from opsctl.core.environment.types import STRICT, Name


@dataclass(frozen=True)
class Secrets:
    __pydantic_config__: ClassVar[dict[str, str]] = dict(STRICT)

    names: list[Name] = field(default_factory=lambda: ["anthropic-api-key", "perplexity-api-key"])
    """Secrets that the application reads in Secrets Manager; provision makes them empty, people put the values in."""
    recovery_days: Annotated[int, Predicate(formats.recovery_days)] = 30
    """A deleted secret can be had back for so long, days; until then its name is taken. 0: gone at once."""
    replicate: bool = True
    """A copy of each in aws.dr_region, under a key of that region."""
    rotation_days: Annotated[int, Ge(0), Le(1000)] = 90
    """Replace each after so many days, by hand, as others make these keys: a tag that says so. 0: no such tag."""
