"""What a deploy would do, for people and for programs."""

from __future__ import annotations

import shlex
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from opsctl.console.release_view import head_text
from opsctl.core.checkup import Finding, Level
from opsctl.core.environment import Hook
from opsctl.core.hook import HookName
from opsctl.core.last_words import cut
from opsctl.core.planned import Planned
from opsctl.core.room import shortages
from opsctl.core.settings import settings_digest

Hooks = Mapping[HookName, Hook]

_WIDTH = 80
_MIGRATIONS = {
    "expand": "expand: before the new pods start; going back stays possible",
    "contract": "contract: after the gate; from then on a failure halts, as there is no way back",
}
_WHEN = {
    HookName.PRE_DEPLOY: "before anything is done",
    HookName.PRE_CUTOVER: "before traffic moves",
    HookName.POST_CUTOVER: "during the bake",
    HookName.PRE_ROLLBACK: "if it goes back",
    HookName.POST_ROLLBACK: "if it went back",
    HookName.ON_HALT: "if it halts",
}
_GLYPHS = {Level.OK: "✓", Level.WARN: "!", Level.FAIL: "✗"}


def dry_run_json(plan: Planned, hooks: Hooks, findings: Sequence[Finding]) -> dict[str, Any]:
    """Keys: dry_run, release, color, image, replicas, active, unchanged, refused, migration, hooks, settings,
    settings_changed, findings. `hooks` are the commands by name."""
    rollout = plan.rollout
    return {
        "dry_run": True,
        "release": rollout.release,
        "color": rollout.color.value,
        "image": rollout.image,
        "replicas": rollout.replicas,
        "active": plan.before.active.value if plan.before.active else None,
        "unchanged": rollout.outcome is not None,
        "refused": shortages(findings),
        "migration": rollout.migration,
        "hooks": {name.value: list(hook.command or ()) for name, hook in hooks.items()},
        "settings": settings_digest(rollout.settings),
        "settings_changed": list(plan.changed_settings),
        "findings": [asdict(finding) for finding in findings],
    }


def dry_run_text(environment: str, plan: Planned, hooks: Hooks, findings: Sequence[Finding]) -> str:
    """80 columns; the last lines say that nothing was written, and what to type next."""
    if plan.rollout.outcome:
        return f"Nothing to do: {plan.rollout.why}. Nothing was written."
    lines = [head_text(environment, plan.rollout, plan.before), *_about(plan), *_hooks(hooks)]
    lines += [line for finding in findings for line in _finding(finding)]
    refused = shortages(findings)
    end = "It would be refused; nothing was written." if refused else "Nothing was written."
    return "\n".join(
        [*lines, "", end, f"  next   {'mend what is marked ✗' if refused else 'the same without --dry-run'}"]
    )


def _about(plan: Planned) -> list[str]:
    changed, back = plan.changed_settings, plan.back_to
    settings = f"{len(changed)} changed: {', '.join(changed)}" if changed else "as they are"
    settings += _called(plan.rollout.settings)
    users = f"{back.color} {back.release}, {back.ready}/{back.desired} pods" if back else "nothing serves yet"
    migration = _MIGRATIONS.get(plan.rollout.migration)
    lines = _line("migration", migration) if migration else []
    return [*lines, *_line("settings", settings), *_line("pods", f"{plan.rollout.replicas}"), *_line("back to", users)]


def _hooks(hooks: Hooks) -> list[str]:
    """One a row, with when it runs; none where there are none."""
    return [
        line
        for number, (name, hook) in enumerate(hooks.items())
        for line in _line(
            "" if number else "hooks", f"{name}: {cut(shlex.join(hook.command or ()), 40)}, {_WHEN[name]}"
        )
    ]


def _called(settings: Mapping[str, str]) -> str:
    return f" ({settings_digest(settings)})" if settings else ""


def _finding(finding: Finding) -> list[str]:
    remedy = _line("", f"→ {finding.remedy}") if finding.remedy else []
    return [*_line(finding.name, finding.detail, _GLYPHS[finding.level]), *remedy]


def _line(label: str, text: str, glyph: str = " ") -> list[str]:
    first = f"{glyph} {label:<9} "
    return textwrap.wrap(text, _WIDTH, initial_indent=first, subsequent_indent=" " * 12, break_on_hyphens=False)
