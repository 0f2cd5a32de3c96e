"""What the operator sees of releases: rows while one runs, a verdict at its end, tables of status and history."""

from __future__ import annotations

import textwrap
import time
from collections.abc import Mapping, Sequence
from typing import Any

from opsctl.console.access_view import access_text
from opsctl.console.console import Console, Progress
from opsctl.core.checkup import Finding, Level
from opsctl.core.color import Color
from opsctl.core.decisions import Act, Decision, Enter, Noted, Unguarded, Wait
from opsctl.core.guarding import GoBack, Guarding, LookClosely, Over
from opsctl.core.last_words import cut
from opsctl.core.observation import Observation
from opsctl.core.release import ABORTED, BEFORE_CUTOVER, Kind, Outcome, Phase, Rollout
from opsctl.core.settings import settings_digest
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
_WIDTH = 80
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
            self.console.say("\n".join(_wrapped("!", f"{decision.why}; undone: {decision.step}")))
        if isinstance(decision, Unguarded):
            self.console.say("\n".join(_wrapped("guard", f"none: {decision.why}; {_UNGUARDED}")))
        if isinstance(decision, Noted):
            self.hook_says("hook", f"{decision.what}{': ' if decision.why else ''}{decision.why}")
        if self._row and isinstance(decision, Wait):
            self._row.update(cut(decision.why, _ROW))

    def hook_says(self, who: str, line: str) -> None:
        """Above the row of the phase, which is drawn anew at the next look."""
        self.console.clear_row()
        self.console.say("\n".join(_wrapped(who, line)))

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
        self._row.update(cut(f"release {rollout.release}: {_minutes(passed)} of {_minutes(of)}{doubt}", _ROW))

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


def _minutes(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"


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
        return "a person said go"
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


def rollout_json(rollout: Rollout, active: Color | None) -> dict[str, Any]:
    """The final object of deploy, promote, rollback, resume and abort."""
    return {
        "release": rollout.release,
        "outcome": rollout.outcome.value if rollout.outcome else None,
        "active": active.value if active else None,
        "color": rollout.color.value,
        "image": rollout.image,
        "settings": settings_digest(rollout.settings),
        "reason": rollout.why,
        "unguarded": rollout.unguarded,
        "evidence": list(rollout.evidence),
        "timings": dict(rollout.timings),
        "started_at": rollout.started_at,
        "ended_at": rollout.ended_at,
        "report": None if rollout.outcome is Outcome.UNCHANGED else f"opsctl report {rollout.id}",
    }


def rollout_text(rollout: Rollout, active: Color | None) -> str:
    """The last lines: what state things are in, why, and what to type next."""
    lines = [_sentence(rollout, active)]
    told = (Outcome.SUCCEEDED, Outcome.UNCHANGED, Outcome.AWAITING_PROMOTION)
    if rollout.outcome not in told and rollout.why != ABORTED:
        lines += _wrapped("why", rollout.why + _since(rollout))
        lines += [line for words in rollout.evidence for line in _wrapped("pod", words)]
    return "\n".join([*lines, f"  next   {_next(rollout)}"])


def _since(rollout: Rollout) -> str:
    """When the first sign of the trouble was seen; empty where nobody had to look for it."""
    decided = next((entry.at for entry in rollout.entries if entry.what == f"phase {Phase.ROLLING_BACK.value}"), None)
    if decided is None or "detect_s" not in rollout.timings:
        return ""
    at = decided - rollout.timings["detect_s"]
    return f", since {_clock(at)}.{int(at % 1 * 1000):03d}"


def _wrapped(label: str, text: str) -> list[str]:
    return textwrap.wrap(text, _WIDTH, initial_indent=f"  {label:<6} ", subsequent_indent=" " * 9)


def _indented(text: str, by: int) -> list[str]:
    return textwrap.wrap(text, _WIDTH, initial_indent=" " * by, subsequent_indent=" " * by)


def _sentence(rollout: Rollout, active: Color | None) -> str:
    users = f"Users are on {active}." if active else "Nobody serves users yet."
    if rollout.why == ABORTED:
        return f"Release {rollout.release} was aborted, as asked. {users}"
    match rollout.outcome:
        case Outcome.SUCCEEDED:
            return f"Release {rollout.release} serves users on {rollout.color} ({rollout.image})."
        case Outcome.UNCHANGED:
            return f"Nothing to do: {rollout.why}. {users}"
        case Outcome.AWAITING_PROMOTION:
            return f"Release {rollout.release} is ready on {rollout.color} and waits. {users}"
        case Outcome.ROLLED_BACK:
            return f"Release {rollout.release} failed and was rolled back. {users}"
        case Outcome.ABANDONED:
            return f"Release {rollout.release} failed before it had traffic and was abandoned. {users}"
        case _:
            return f"Release {rollout.release} halted; a person is needed. {users}"


def _next(rollout: Rollout) -> str:
    match rollout.outcome:
        case Outcome.SUCCEEDED | Outcome.UNCHANGED:
            return "opsctl status · opsctl rollback"
        case Outcome.AWAITING_PROMOTION:
            return "opsctl promote · opsctl abort"
        case Outcome.HALTED if rollout.kind is Kind.ROLLBACK and rollout.phase in BEFORE_CUTOVER:
            return f"opsctl logs --color {rollout.color} · opsctl rollback --recover starts its pods afresh"
        case Outcome.HALTED if rollout.phase in BEFORE_CUTOVER:
            return "opsctl status · opsctl resume"
        case Outcome.HALTED:
            return "opsctl status · opsctl resume · opsctl rollback"
        case _:
            return f"opsctl logs --color {rollout.color} · opsctl report {rollout.id} · opsctl deploy"


def status_text(status: Mapping[str, Any], infrastructure: str) -> str:
    """The one-screen picture of an environment, 80 columns."""
    lines = [status["environment"], _STATUS_HEAD]
    lines += [_color_row(color, row) for color, row in status["colors"].items()]
    lines += textwrap.wrap(
        rollback_words(status["rollback"]), _WIDTH, initial_indent="  rollback  ", subsequent_indent=" " * 12
    )
    for router in status["traffic"]:
        lines.append(f"  router    {router['router']} → {router['active'] or 'nobody'}")
    lines.append(f"  infra     {infrastructure}")
    lines.append(access_text(status, time.time()))
    if status["phase"]:
        lines += _row_of(
            "phase", f"{status['phase']}: release {status['release']['id']}; {carried_words(status, time.time())}"
        )
        lines += _row_of("guard", guard_words(status["guard"]))
    if status["drain"] and status["drain"]["agents"]:
        lines += _row_of("drain", _drain_words(status["drain"]))
    return "\n".join(lines)


def _row_of(label: str, text: str) -> list[str]:
    return textwrap.wrap(text, _WIDTH, initial_indent=f"  {label:<8}  ", subsequent_indent=" " * 12)


def carried_words(status: Mapping[str, Any], now: float) -> str:
    """Who is at the unfinished release; where nobody is, what to type."""
    lock = status["lock"]
    if lock and lock["until"] is None and now < lock["expires"]:
        return f"{lock['holder']} is at it"
    if status["phase"] == Phase.AWAITING_PROMOTION.value:
        return "it waits for a person: opsctl promote, or opsctl abort"
    return "nobody is at it: opsctl resume, or opsctl abort"


def _drain_words(drain: Mapping[str, Any]) -> str:
    return f"{drain['agents']} agents left on {drain['color']}, {_minutes(drain['seconds'])} to go within the budget"


def guard_words(guard: Mapping[str, Any] | None) -> str:
    if guard is None:
        return "none: this release ends when somebody carries it to its end"
    if guard["ready"]:
        return f"{guard['pod']} stands by, to bring users back if whoever released is gone"
    return f"{guard['pod']} is not ready{': ' if guard['trouble'] else ''}{guard['trouble']}"


_STATUS_HEAD = "    color  release  pods   restarts  api  websocket  metrics  sockets  traffic"


def _color_row(color: str, row: Mapping[str, Any]) -> str:
    words = {name: _word(found["verdict"]) for name, found in row["services"].items()}
    marker = "▶" if row["serving"] else " "
    pods = f"{row['ready']}/{row['desired']}"
    sockets = "-" if row["sockets"] is None else str(row["sockets"])
    share = "100 %" if row["serving"] else "0 %"
    text = (
        f"  {marker} {color:<5}  {row['release'] or '-':<7}  {pods:<5}  {row['restarts']:<8}  "
        f"{words.get('api', '-'):<3}  {words.get('websocket', '-'):<9}  {words.get('metrics', '-'):<7}  "
        f"{sockets:<7}  {share}"
    )
    trouble = f" · {row['verdict']}: {row['detail']}" if row["verdict"] != "healthy" and row["desired"] else ""
    told = row["image"] + _settings_words(row) + trouble
    return "\n".join([text, *_indented(told, 12), *_parts_row(row["workloads"]), *_probed_row(row)])


def _probed_row(row: Mapping[str, Any]) -> list[str]:
    """Only where Kubernetes' word is taken for some."""
    if row["probed"] >= row["ready"]:
        return []
    return _indented(f"{row['probed']} of its pods were probed; the others are ready, as Kubernetes says", 12)


def _parts_row(parts: Mapping[str, Any]) -> list[str]:
    """Only where there are several."""
    told = ", ".join(f"{name} {part['ready']}/{part['desired']}" for name, part in parts.items())
    return _indented(told, 12) if len(parts) > 1 else []


def _word(verdict: str) -> str:
    return {"healthy": "ok", "unhealthy": "BAD", "unknown": "?"}[verdict]


def rollback_words(rollback: Mapping[str, Any]) -> str:
    if not rollback["ready"]:
        return f"not ready: {rollback['why']}"
    to = rollback["to"]
    return f"ready: to {to['color']} {to['release']} in about {rollback['seconds']:.0f} s ({rollback['why']})"


def history_json(rollouts: Sequence[Rollout]) -> list[dict[str, Any]]:
    return [
        {
            "id": rollout.id,
            "kind": rollout.kind.value,
            "release": rollout.release,
            "color": rollout.color.value,
            "image": rollout.image,
            "settings": settings_digest(rollout.settings),
            "started_at": rollout.started_at,
            "started_by": rollout.started_by,
            "taken_over_by": rollout.taken_over_by,
            "phase": rollout.phase.value,
            "outcome": rollout.outcome.value if rollout.outcome else None,
            "reason": rollout.why,
            "seconds": round(rollout.ended_at - rollout.started_at, 1) if rollout.ended_at else None,
            "timings": dict(rollout.timings),
        }
        for rollout in rollouts
    ]


def history_text(rollouts: list[dict[str, Any]]) -> str:
    """Newest last, as a log reads."""
    head = f"{'id':>4}  {'started':<19}  {'what':<8}  {'release':<7}  {'color':<5}  {'outcome':<18}  {'took':>6}"
    return "\n".join([head, *(_history_row(row) for row in rollouts)])


def _history_row(row: Mapping[str, Any]) -> str:
    took = f"{row['seconds']:.0f} s" if row["seconds"] is not None else "-"
    text = (
        f"{row['id']:>4}  {_clock(row['started_at'], '%Y-%m-%d %H:%M:%S')}  {row['kind']:<8}  {row['release']:<7}  "
        f"{row['color']:<5}  {row['outcome'] or row['phase']:<18}  {took:>6}"
    )
    reason = f" · {row['reason']}" if row["outcome"] not in ("succeeded", None) and row["reason"] else ""
    ended = f", {row['outcome'] or 'taken over'} by {row['taken_over_by']}" if row["taken_over_by"] else ""
    told = f"{row['image']}{_settings_words(row)} by {row['started_by']}{ended}{reason}"
    return "\n".join([text, *_indented(told, 6)])


def _settings_words(row: Mapping[str, Any]) -> str:
    return f" with settings {row['settings']}" if row["settings"] else ""


def _clock(at: float, form: str = "%H:%M:%S") -> str:
    return time.strftime(form, time.localtime(at))
