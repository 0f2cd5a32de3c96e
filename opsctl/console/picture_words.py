"""The words of the live picture: from the object that `status --watch -o json` prints, and the time."""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from opsctl.console.access_view import freeze_words, lock_words
from opsctl.console.status_view import carried_words, guard_words, rollback_words
from opsctl.core.picture import Picture
from opsctl.core.release import Phase

OLD_S = 4.0  # without a new picture: a look a second, and some patience with a busy cluster


def facts(found: Picture, infrastructure: str, now: float) -> list[tuple[str, str]]:
    """(label, words) of what is going on, what matters most first."""
    progress = found["progress"]
    told = [("old", old_words(found, now))] if is_old(found, now) else []
    told += [("phase", phase_words(found, now))]
    if progress:
        told += [("until", until_words(progress, now))] if progress["until"] else []
        told += [("by", carried_words(found, now))] if _left_alone(found, now) else []
    told += [("router", router_words(router)) for router in found["traffic"]]
    told += [("rollback", rollback_words(found["rollback"])), ("lock", lock_words(found["lock"], now))]
    told += [("guard", guard_words(found["guard"]))] if progress or found["guard"] else []
    told += [("freeze", freeze_words(found["freeze"], now))] if found["freeze"] else []
    return [*told, ("infra", infrastructure)]


def _left_alone(found: Picture, now: float) -> bool:
    """Nobody is at the release, though it waits for nobody. Otherwise phase and lock say enough."""
    lock, phase = found["lock"], found["progress"]["phase"]
    return phase != Phase.AWAITING_PROMOTION.value and not (lock and lock["until"] is None and now < lock["expires"])


def phase_words(found: Picture, now: float) -> str:
    progress, last = found["progress"], found["release"]
    if progress:
        waits = f" · {progress['waits_for']}" if progress["waits_for"] else ""
        return f"{_phase(progress['phase'])} for {minutes(now - progress['since'])}{waits}"
    if last is None:
        return "nothing was released yet"
    return f"no release under way; the last one, {last['id']}, {_phase(last['outcome'] or 'was left')}"


def until_words(progress: Mapping[str, Any], now: float) -> str:
    left = progress["until"]["at"] - now
    return f"{progress['until']['what']}: " + (f"{minutes(left)} left" if left >= 0 else f"over by {minutes(-left)}")


def router_words(router: Mapping[str, Any]) -> str:
    agrees = "" if router["agrees"] else " · the routers differ"
    return f"{router['router']} → {router['active'] or 'nobody'}{agrees}"


def is_old(found: Picture, now: float) -> bool:
    return found["silence"] is not None or now - found["at"] > OLD_S


def old_words(found: Picture, now: float) -> str:
    why = f": {found['silence']['why']}" if found["silence"] else ": the cluster is slow to answer"
    return f"for {minutes(now - found['at'])}, as this is from {clock_words(found['at'])}{why}"


def age_words(found: Picture, now: float) -> str:
    return f"OLD: from {clock_words(found['at'])}" if is_old(found, now) else "looks once a second, writes nothing"


def last_entries(journal: Sequence[Mapping[str, Any]], most: int) -> list[str]:
    """Oldest first; what was meant is left out once it was done."""
    done = {
        (entry["rollout"], entry["what"].partition(" ")[2]) for entry in journal if entry["what"].startswith("done ")
    }
    told = [entry for entry in journal if not _overtaken(entry, done)]
    return [_entry(entry) for entry in told[-most:]] if most > 0 else []


def _overtaken(entry: Mapping[str, Any], done: Collection[tuple[int, str]]) -> bool:
    verb, _, step = entry["what"].partition(" ")
    return verb == "intent" and (entry["rollout"], step) in done


def _entry(entry: Mapping[str, Any]) -> str:
    detail = f" · {entry['detail']}" if entry["detail"] else ""
    return f"{clock_words(entry['at'])}  {entry['rollout']}  {entry['what']}{detail}"


def picture_line(found: Picture) -> str:
    """One line for a log: what of a picture is worth a new line when it changes."""
    colors = [f"{color} {color_words(row)}" for color, row in found["colors"].items()]
    progress = found["progress"]
    phase = f"{_phase(progress['phase'])} release {progress['release']}" if progress else "no release under way"
    silence = f" · OLD, no answer: {found['silence']['why']}" if found["silence"] else ""
    lock = found["lock"]["holder"] if found["lock"] else "free"
    return " · ".join([phase, *colors, f"lock {lock}"]) + silence


def color_words(row: Mapping[str, Any]) -> str:
    users = " with users" if row["serving"] else ""
    return f"{row['release'] or '-'} {row['ready']}/{row['desired']} {row['verdict']}{users}"


def minutes(seconds: float) -> str:
    """`0:07`, `12:30`, `1:02:03`."""
    whole = max(0, int(seconds))
    hours, rest = divmod(whole, 3600)
    return f"{hours}:{rest // 60:02d}:{rest % 60:02d}" if hours else f"{rest // 60}:{rest % 60:02d}"


def clock_words(at: float) -> str:
    return time.strftime("%H:%M:%S", time.localtime(at))


def _phase(name: str) -> str:
    return name.replace("_", " ")
