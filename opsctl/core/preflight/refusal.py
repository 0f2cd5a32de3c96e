"""What of a pre-flight is said, and what of it stops an apply."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from textwrap import wrap

from opsctl.core.checkup import Finding, Level
from opsctl.errors import Refused


def worth_saying(findings: Sequence[Finding]) -> Iterator[str]:
    """Warnings, failures, and what nobody can tell; eighty columns."""
    for found in findings:
        if found.level is not Level.OK:
            said = f"{found.name}: {found.detail}{f'; {found.remedy}' if found.remedy else ''}"
            lines = wrap(said, 69, break_long_words=False, break_on_hyphens=False)
            yield f"  {found.level.value:<9}{lines[0]}"
            yield from (f"{'':<11}{line}" for line in lines[1:])


def refuse_unready(findings: Sequence[Finding]) -> None:
    """Raise Refused where the apply would fail half way. Warnings and silence stop nobody."""
    failed = [found for found in findings if found.level is Level.FAIL]
    if not failed:
        return
    lines = "".join(f"\n    {found.name}: {found.detail}" for found in failed)
    remedies = "; ".join(dict.fromkeys(found.remedy for found in failed if found.remedy))
    hint = f"{remedies}; --despite-preflight applies it nevertheless"
    raise Refused(f"the pre-flight failed:{lines}", state="Nothing was changed.", hint=hint)
