"""Drift that is known and let be for a while."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, ClassVar

from annotated_types import Len, Predicate

from opsctl.core import formats
from opsctl.core.environment.types import STRICT, Name, Text


@dataclass(frozen=True)
class Ignored:
    """Drift that somebody knows of, why it is let be, and until when."""

    __pydantic_config__: ClassVar[dict[str, str]] = dict(STRICT)

    address: Text
    attribute: Text
    reason: Annotated[str, Len(10, 200)]
    until: Annotated[str, Predicate(formats.day)]


@dataclass(frozen=True)
class Drift:
    __pydantic_config__: ClassVar[dict[str, str]] = dict(STRICT)

    ignore: dict[Name, Ignored] = field(default_factory=dict)
    """Drift let be: address of a resource or module, attribute (`deleted` for the whole resource), reason, last day."""
