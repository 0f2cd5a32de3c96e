"""Will RDS, ElastiCache and Secrets Manager accept it?"""

from __future__ import annotations

from opsctl.core.derive import resource_prefix
from opsctl.core.environment import Environment
from opsctl.core.formats import minutes
from opsctl.core.rules.rule import Messages, rule

_CACHE_PREFIX_MAX = 36  # a user's id has 40 characters, "-app" takes the rest
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


@rule("name", "application.name", "cache.enabled")
def cache_names_fit(e: Environment) -> Messages:
    if e.cache.enabled and len(resource_prefix(e)) > _CACHE_PREFIX_MAX:
        yield f"{resource_prefix(e)!r} begins every name in ElastiCache; at most {_CACHE_PREFIX_MAX} characters"


@rule("secrets.names")
def secrets_are_named_once(e: Environment) -> Messages:
    twice = sorted({name for name in e.secrets.names if e.secrets.names.count(name) > 1})
    if twice:
        yield f"{', '.join(twice)}: named twice"
