"""What `opsctl status --watch` shows, as data: a status, how far the rollout is, the journal, and how old that is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from opsctl.core.cadence import ASKED
from opsctl.core.progress import journal_json, progress_json
from opsctl.core.status import Seen, status_json

JOURNAL = 40  # entries: more than a tall terminal shows
PACE_S = 3.0  # between two rounds of probes of few pods; who looks on asks more rarely than who releases
MOST_A_SECOND = 40.0  # of these, however many pods there are

Picture = dict[str, Any]


def pace(pods: int) -> float:
    """Seconds between two rounds of probes. Doubled until all of them stay within `MOST_A_SECOND`, so that it changes
    rarely while pods come and go."""
    seconds = PACE_S
    while pods * ASKED / seconds > MOST_A_SECOND:
        seconds *= 2
    return seconds


def picture_json(seen: Seen) -> Picture:
    """The keys of `status_json`, and: at (of the look), progress (null where nothing is unfinished), journal (the last
    entries), silence (null, or {since, why} where the cluster has not answered since `at`)."""
    last = seen.past[-1] if seen.past else None
    return {
        **status_json(seen),
        "at": seen.observation.at,
        "progress": progress_json(last, seen.observation, seen.policy) if last and last.open else None,
        "journal": journal_json(seen.past, JOURNAL),
        "silence": None,
    }


def silent(last: Picture, why: str) -> Picture:
    """The last picture, kept while there is no newer one."""
    return {**last, "silence": {"since": last["at"], "why": why}}


def telling(found: Picture) -> Picture:
    """What has to differ for two pictures to be worth telling apart: everything but what time alone changes."""
    lock, progress = found["lock"], found["progress"]
    return {
        **{key: value for key, value in found.items() if key not in ("at", "silence")},
        "silent": found["silence"] is not None,
        "lock": lock and _without(lock, "renewed", "expires"),
        "progress": progress and _without(progress, "waits_for"),
    }


def _without(found: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {key: value for key, value in found.items() if key not in names}
