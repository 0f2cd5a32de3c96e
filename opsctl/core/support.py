"""Until when AWS supports a version: end of standard support, and of the extended one, which costs extra."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from opsctl.core.environment import Environment

WARN_BEFORE = timedelta(days=90)
_EKS = {
    "1.31": (date(2025, 11, 26), date(2026, 11, 26)),
    "1.32": (date(2026, 3, 23), date(2027, 3, 23)),
    "1.33": (date(2026, 7, 29), date(2027, 7, 29)),
    "1.34": (date(2026, 12, 2), date(2027, 12, 2)),
    "1.35": (date(2027, 3, 27), date(2028, 3, 27)),
}
# AWS names the month for PostgreSQL; three more years cost extra.
_POSTGRES = {
    "15": (date(2028, 2, 29), date(2031, 2, 28)),
    "16": (date(2029, 2, 28), date(2032, 2, 29)),
    "17": (date(2030, 2, 28), date(2033, 2, 28)),
}


@dataclass(frozen=True)
class Support:
    """`standard` and `extended` are the last days; None where opsctl's table does not have the version. `paid` where
    the environment chose to pay for the time between them."""

    path: str
    version: str
    standard: date | None
    extended: date | None
    paid: bool = False

    def days_left(self, today: date) -> int | None:
        """Of standard support; negative once it has ended."""
        return None if self.standard is None else (self.standard - today).days

    def near(self, today: date) -> bool:
        return self.standard is not None and today + WARN_BEFORE >= self.standard


def supported(environment: Environment) -> tuple[Support, ...]:
    cluster = environment.cluster
    kubernetes = _of("cluster.version", cluster.version, _EKS, cluster.support == "extended")
    postgres = _of("database.engine_version", environment.database.engine_version, _POSTGRES)
    return (postgres,) if cluster.existing_name is not None else (kubernetes, postgres)  # theirs is theirs to upgrade


def _of(path: str, version: str, table: dict[str, tuple[date, date]], paid: bool = False) -> Support:
    standard, extended = table.get(version, (None, None))
    return Support(path, version, standard, extended, paid)
