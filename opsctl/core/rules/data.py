"""Will RDS, ElastiCache and Secrets Manager accept it?"""

from __future__ import annotations

from opsctl.core.environment import Environment
from opsctl.core.formats import minutes
from opsctl.core.rules.rule import Messages, rule

_VERSIONS = {"redis": ("7.1",), "valkey": ("7.2", "8.0", "8.1", "8.2")}


@rule("database.maintenance_window", "database.backup_window")
def maintenance_leaves_room_for_the_backup(e: Environment) -> Messages:
    window, backup = e.database.maintenance_window, e.database.backup_window
    if _overlap(window[4:9], window[14:], backup[:5], backup[6:]):
        yield f"{window} overlaps the daily backup at {backup}; RDS refuses that"


def _overlap(begin: str, end: str, other_begin: str, other_end: str) -> bool:
    """Of two times of the day, each shorter than a day; either may go past midnight."""
    (a, b), (c, d) = (map(minutes, pair) for pair in ((begin, end), (other_begin, other_end)))
    return (c - a) % 1440 < (b - a) % 1440 or (a - c) % 1440 < (d - c) % 1440


@rule("cache.engine_version", "cache.engine")
def cache_version_exists(e: Environment) -> Messages:
    known = _VERSIONS[e.cache.engine]
    if e.cache.engine_version not in known:
        yield f"{e.cache.engine_version} is no version of {e.cache.engine}, which has {', '.join(known)}"


@rule("secrets.names")
def secrets_are_named_once(e: Environment) -> Messages:
    twice = sorted({name for name in e.secrets.names if e.secrets.names.count(name) > 1})
    if twice:
        yield f"{', '.join(twice)}: named twice"
