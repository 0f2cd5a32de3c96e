"""What the operator sees of a release while it runs: a row for each phase."""

from __future__ import annotations

from collections.abc import Sequence

from opsctl.console.console import Console, Progress
from opsctl.console.layout import minutes, wrapped
from opsctl.core.checkup import Finding, Level
from opsctl.core.decisions import Act, Decision, Enter, Noted, Unguarded, Wait
from opsctl.core.guarding import GoBack, Guarding, LookClosely, Over
from opsctl.core.last_words import cut
from opsctl.core.observation import Observation
from opsctl.core.release import Kind, Outcome, Phase, Rollout
from opsctl.core.snapshot import Snapshot

_NAMES = {
    Phase.MIGRATING: "migrate",
    Phase.WARMING: "warm",
    Phase.GATING: "gate",
    Phase.AWAITING_PROMOTION: "promotion",
    Phase.CUTOVER: "cutover",
    Phase.BAKING: "bake",
    Phase.DRAINING: "drain",
    Phase.ROLLING_BACK: "rollback",
    Phase.ABANDONING: "abandon",
}
_WAIT_TOLD_S = 30.0
_ROW = 49  # what a row's clock, name and seconds leave of them
_UNGUARDED = "if this opsctl dies after cutover, a bad release stays until opsctl resume or abort"
_FAILED_BY = (Phase.ABANDONING, Phase.ROLLING_BACK)


class RolloutRows:
    """The port `Watching`: one row a phase, updated while it lasts."""

    def __init__(self, console: Console, environment: str) -> None:
        self.console, self.environment = console, environment
        self._row: Progress | None = None
        self._phase: Phase | None = None
        self._preflight = ""
        self._waits_for, self._wait_told = "", 0.0  # who or what, and the seconds left when that was last said

    def waits(self, held: str, left: float) -> None:
        """Says at once who or what is waited for, then now and then how long still."""
        what = held.partition(" since ")[0]
        if what != self._waits_for:
            self.console.say(held)
        if what != self._waits_for or self._wait_told - left >= _WAIT_TOLD_S:
            self.console.step("wait", f"{left:.0f} s at most; Ctrl-C gives up", state="running")
            self._waits_for, self._wait_told = what, left

    def checked(self, findings: Sequence[Finding]) -> None:
        """Told below the heading; where something is short, the error says what."""
        by_weight = sorted(findings, key=lambda found: found.level is Level.OK)  # a row has no room for all
        self._preflight = "; ".join(found.detail for found in by_weight)

    def began(self, rollout: Rollout, before: Snapshot) -> None:
        self.console.say(head_text(self.environment, rollout, before))
        if self._preflight:
            self.console.step("pre-flight", cut(self._preflight, _ROW))

    def saw(self, rollout: Rollout, seen: Observation, decision: Decision) -> None:
        if rollout.phase is not self._phase:
            self._close("done", rollout)
            self._phase, self._row = rollout.phase, Progress(self.console, _NAMES[rollout.phase], "")
        if isinstance(decision, Enter) and decision.phase in _FAILED_BY:
            self._close("failed", rollout, decision.why)
            self._phase, self._row = decision.phase, Progress(self.console, _NAMES[decision.phase], "")
        if isinstance(decision, Act) and decision.why:
            self.console.say("\n".join(wrapped("!", f"{decision.why}; undone: {decision.step}")))
        if isinstance(decision, Unguarded):
            self.console.say("\n".join(wrapped("guard", f"none: {decision.why}; {_UNGUARDED}")))
        if isinstance(decision, Noted):
            self.hook_says("hook", f"{decision.what}{': ' if decision.why else ''}{decision.why}")
        if self._row and isinstance(decision, Wait):
            self._row.update(cut(decision.why, _ROW))

    def hook_says(self, who: str, line: str) -> None:
        """Above the row of the phase, which is drawn anew at the next look."""
        self.console.clear_row()
        self.console.say("\n".join(wrapped(who, line)))

    def ended(self, rollout: Rollout) -> None:
        unfinished = rollout.outcome in (None, Outcome.HALTED)
        self._close("failed" if unfinished else "done", rollout)

    def guards(self, rollout: Rollout, seen: Observation, passed: float, of: float, found: Guarding) -> None:
        self._row = self._row or Progress(self.console, "guard", "")
        if isinstance(found, Over | GoBack):
            self._row.update(cut(found.why, _ROW))
            self._row.finish("done" if isinstance(found, Over) else "failed")
            self._row = None
            return
        doubt = f" · {found.why}" if isinstance(found, LookClosely) else " · all well"
        self._row.update(cut(f"release {rollout.release}: {minutes(passed)} of {minutes(of)}{doubt}", _ROW))

    def _close(self, state: str, rollout: Rollout, why: str = "") -> None:
        if self._row:
            closing = _closing(self._phase, rollout, self._row.detail) if state == "done" else self._row.detail
            self._row.detail = cut(why or closing, _ROW)
            self._row.finish(state)
        self._row = None


def head_text(environment: str, rollout: Rollout, before: Snapshot) -> str:
    """What a rollout is about, in two lines."""
    verb = "→" if rollout.kind is Kind.DEPLOY else "back to"
    active = before.colors[before.active].image if before.active else "nothing"
    title = f"{environment} · release {rollout.release} {verb} {rollout.color}"
    return f"{title}\n  image     {rollout.image}   (active: {active})"


def _closing(phase: Phase | None, rollout: Rollout, detail: str) -> str:
    if phase is Phase.CUTOVER and "cutover_s" in rollout.timings:
        moved = f"{rollout.origin or 'nobody'} → {rollout.color}"
        return f"{moved}, answered after {rollout.timings['cutover_s'] * 1000:.0f} ms{_skew(rollout)}"
    if phase is Phase.ROLLING_BACK and "rollback_s" in rollout.timings:
        moved = f"{rollout.color} → {rollout.origin}"
        return f"{moved}, answered after {rollout.timings['rollback_s'] * 1000:.0f} ms{_skew(rollout)}"
    if phase is Phase.MIGRATING:
        return "there is no way back any more" if rollout.irreversible else "the database is ready for the new release"
    if phase is Phase.AWAITING_PROMOTION:
        held = rollout.outcome is Outcome.AWAITING_PROMOTION
        return f"waits for a person; users stayed on {rollout.origin or 'nothing'}" if held else "a person said go"
    if phase is Phase.GATING:
        return "every service healthy on every pod"
    if phase is Phase.WARMING:
        return f"{rollout.color} {rollout.replicas}/{rollout.replicas} ready"
    if phase is Phase.BAKING:
        watched = f"{rollout.color} was watched and nothing was wrong"
        return watched if rollout.kind is Kind.DEPLOY else f"{rollout.color} answers; it has served before"
    if phase is Phase.DRAINING:
        return f"{len(rollout.leaving)} old pods let their connections go"
    if phase is Phase.ABANDONING:
        return f"{rollout.color} stopped; users stayed on {rollout.origin or 'nothing'}"
    return detail


def _skew(rollout: Rollout) -> str:
    """How far apart several workloads moved; empty where there is one."""
    skew = rollout.timings.get("skew_s")
    return "" if skew is None else f", skew {skew * 1000:.0f} ms"
