"""What of a pre-flight is said, and what of it stops an apply."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from opsctl.core.checkup import Finding, Level
from opsctl.errors import Refused


def worth_saying(findings: Sequence[Finding]) -> Iterator[str]:
    """A line each: warnings, failures, and what nobody can tell."""
    for found in findings:
        if found.level is not Level.OK:
            yield f"  {found.level.value:<9}{found.name}: {found.detail}{f'; {found.remedy}' if found.remedy else ''}"


def refuse_unready(findings: Sequence[Finding]) -> None:
    """Raise Refused where the apply would fail half way. Warnings and silence stop nobody."""
    failed = [found for found in findings if found.level is Level.FAIL]
    if not failed:
        return
    lines = "".join(f"\n    {found.name}: {found.detail}" for found in failed)
    remedies = "; ".join(dict.fromkeys(found.remedy for found in failed if found.remedy))
    hint = f"{remedies}; --despite-preflight applies it nevertheless"
    raise Refused(f"the pre-flight failed:{lines}", state="Nothing was changed.", hint=hint)
