"""Alarms that follow from a promise: known figures, and what holds for every promise."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsctl.core.environment import Slo
from opsctl.core.slo import BURNS, SHORT, Burn, alarms_in_words, burn_alarms, threshold

AVAILABILITY = st.floats(99, 99.99)
LATENCY_SHARE = st.floats(94, 99.9)


@pytest.mark.parametrize(
    ("availability", "failed"),
    [(99.0, [14.4, 6, 3, 1]), (99.5, [7.2, 3, 1.5, 0.5]), (99.9, [1.44, 0.6, 0.3, 0.1])],
)
def test_thresholds_of_known_promises(availability: float, failed: list[float]) -> None:
    alarms = burn_alarms(Slo(availability=availability))
    assert [alarm.failed_percent for alarm in alarms.values()] == failed


def test_slow_answers_have_a_budget_of_their_own() -> None:
    assert [alarm.slow_percent for alarm in burn_alarms(Slo(latency_share=95.0)).values()] == [72, 30, 15, 5]


def test_windows_and_severities() -> None:
    alarms = burn_alarms(Slo())
    windows = {name: (alarm.severity, alarm.long_seconds, alarm.short_seconds) for name, alarm in alarms.items()}
    assert windows == {
        "1h": ("page", 3_600, 300),
        "6h": ("page", 21_600, 1_800),
        "1d": ("ticket", 86_400, 7_200),
        "3d": ("ticket", 259_200, 21_600),
    }


def test_what_is_gone_when_an_alarm_rings() -> None:
    """2 % of a month's budget in an hour, 5 % in six, 10 % in a day or in three."""
    assert [round(burn.spent, 9) for burn in BURNS.values()] == [0.02, 0.05, 0.1, 0.1]


@given(AVAILABILITY, LATENCY_SHARE)
def test_every_alarm_can_ring_and_none_rings_at_the_promise(availability: float, latency_share: float) -> None:
    for alarm in burn_alarms(Slo(availability=availability, latency_share=latency_share)).values():
        assert 100 - availability - 1e-6 <= alarm.failed_percent < 100
        assert 100 - latency_share - 1e-6 <= alarm.slow_percent < 100
        assert alarm.long_seconds == SHORT * alarm.short_seconds
        assert alarm.short_seconds % 60 == 0  # CloudWatch counts in minutes


@given(AVAILABILITY, AVAILABILITY)
def test_a_stricter_promise_rings_earlier(one: float, other: float) -> None:
    strict, lax = burn_alarms(Slo(availability=max(one, other))), burn_alarms(Slo(availability=min(one, other)))
    assert all(strict[name].failed_percent <= lax[name].failed_percent for name in strict)


@given(st.sampled_from(list(BURNS.values())), AVAILABILITY)
def test_at_the_threshold_the_long_window_spends_what_it_says(burn: Burn, availability: float) -> None:
    """Failing at exactly the threshold for the window is `spent` of what may fail in 30 days."""
    failed = threshold(burn.rate, availability) * burn.seconds
    assert failed / ((100 - availability) * 30 * 86_400) == pytest.approx(burn.spent, abs=1e-3)


def test_a_promise_is_explained_by_its_alarms() -> None:
    said = list(alarms_in_words(Slo(), "observability.slo.availability"))
    assert said[0] == "page: over 1.44 % failed in 1 h and in 5 min, 2 % of the budget of 30 days"
    assert [line.partition(":")[0] for line in said] == ["page", "page", "ticket", "ticket"]
    slow = list(alarms_in_words(Slo(), "observability.slo.latency_share"))
    assert slow[3].startswith("ticket: over 5 % slow in 72 h and in 6 h")
    assert list(alarms_in_words(Slo(), "network.cidr")) == []
