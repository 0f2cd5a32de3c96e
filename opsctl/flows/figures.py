"""The operator's own queries, asked every few seconds about the color that has the users."""

from __future__ import annotations

from collections import defaultdict

from opsctl.core.environment import Release as Policy
from opsctl.core.health import Judgement
from opsctl.core.queries import Figure, judge_figures
from opsctl.ports.evidence import Queries

EVERY_S = 5.0
KEPT = 10  # figures a query


class Figures:
    def __init__(self, queries: Queries, policy: Policy) -> None:
        self.queries, self.policy = queries, policy
        self._figures: dict[str, list[Figure]] = defaultdict(list)
        self._moved_at = self._asked_at = 0.0

    def traffic_moved(self, now: float) -> None:
        """What was measured before is about the other color."""
        self._moved_at = self._asked_at = now
        self._figures.clear()

    def judge(self, now: float) -> Judgement:
        """Asks where it is time to, and judges what has come. The first question is after `EVERY_S`."""
        if now - self._asked_at >= EVERY_S:
            self._asked_at = now
            self.queries.begin(self.policy.queries)
        for figure in self.queries.collect():
            if figure.at > self._moved_at:
                self._figures[figure.query] = [*self._figures[figure.query], figure][-KEPT:]
        return judge_figures({text: self._figures[text] for text in self.policy.queries})
