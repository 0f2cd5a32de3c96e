"""Whether a lock's holder is alive, judged from what was seen; and the words about it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from opsctl.core.lease import (
    DURATION_S,
    LONG_S,
    MARGIN_S,
    MISSED_S,
    RENEW_EVERY_S,
    RENEW_TIMEOUT_S,
    LeaseState,
    Life,
    Sighting,
    ci_url,
    life,
    seems_dead,
    sentence,
    way_out,
)

NOW, AT = 1_700_000_000.0, 500.0
LEASE = LeaseState("ana@build-7:12", "deploys a:2", NOW - 34, NOW - 1, version="7")
PERSON = replace(LEASE, holder="ana@build-7", reason="moves the database", until=NOW + 60)


def seen(lease: LeaseState, unchanged_s: float = 0.0, *, changed: bool = False) -> Sighting:
    return Sighting(lease, AT - unchanged_s, changed)


@pytest.mark.parametrize(
    ("sighting", "verdict"),
    [
        (seen(LEASE), Life.UNKNOWN),
        (seen(LEASE, DURATION_S - 0.01), Life.UNKNOWN),
        (seen(LEASE, DURATION_S), Life.DEAD),
        (seen(LEASE, 1.0, changed=True), Life.ALIVE),
        (seen(LEASE, DURATION_S, changed=True), Life.DEAD),
        (seen(replace(LEASE, renewed=NOW - LONG_S + 1)), Life.UNKNOWN),
        (seen(replace(LEASE, renewed=NOW - LONG_S)), Life.UNKNOWN),
        (seen(replace(LEASE, renewed=NOW - LONG_S), MISSED_S - 0.01), Life.UNKNOWN),
        (seen(replace(LEASE, renewed=NOW - LONG_S), MISSED_S), Life.DEAD),
        (seen(replace(LEASE, renewed=NOW + 86400)), Life.UNKNOWN),
        (seen(replace(LEASE, renewed=NOW + 86400), DURATION_S), Life.DEAD),
        (seen(replace(LEASE, duration=60.0), DURATION_S), Life.UNKNOWN),
        (seen(replace(LEASE, duration=60.0), 60.0), Life.DEAD),
        (seen(PERSON, 1000.0), Life.ALIVE),
        (seen(replace(PERSON, renewed=NOW - 86400)), Life.ALIVE),
        (seen(replace(PERSON, until=NOW)), Life.DEAD),
    ],
)
def test_alive_or_dead(sighting: Sighting, verdict: Life) -> None:
    assert life(sighting, NOW, AT) is verdict


def test_a_change_begins_the_wait_anew() -> None:
    first = Sighting(LEASE, 1.0)
    assert first.again(replace(LEASE, renewed=NOW), 4.0) == Sighting(replace(LEASE, renewed=NOW), 1.0)
    later = first.again(replace(LEASE, version="8"), 4.0)
    assert (later.unchanged_since, later.changed) == (4.0, True)
    assert later.again(replace(LEASE, version="8"), 6.0).unchanged_since == 4.0


def test_two_renewals_may_fail_before_a_holder_has_to_stop() -> None:
    assert RENEW_TIMEOUT_S < MARGIN_S
    assert RENEW_EVERY_S + 2 * RENEW_TIMEOUT_S <= DURATION_S - MARGIN_S


def test_one_look_tells_people_what_it_seems() -> None:
    assert not seems_dead(LEASE, NOW)
    assert seems_dead(LEASE, NOW + DURATION_S)
    assert not seems_dead(PERSON, NOW + 59)


def test_it_is_said_who_why_and_since_when() -> None:
    assert "ana@build-7:12 deploys a:2 since " in sentence(LEASE, NOW)
    assert sentence(LEASE, NOW).endswith(" (34 s ago), heartbeat 1 s ago")
    assert sentence(PERSON, NOW).startswith("ana@build-7 holds it since ")
    assert sentence(PERSON, NOW).endswith(": moves the database")


def test_what_to_type_depends_on_whose_it_is() -> None:
    assert "opsctl deploy --wait 10m" in way_out(LEASE, "eve@pc")
    assert "https://ci/7" in way_out(replace(LEASE, ci="https://ci/7"), "eve@pc")
    assert way_out(PERSON, "ana@build-7") == "it is yours: opsctl lock release"
    assert way_out(PERSON, "eve@pc") == "ask ana@build-7, then opsctl lock release"


GITHUB = {
    "GITHUB_SERVER_URL": "https://github.example", "GITHUB_REPOSITORY": "team/app", "GITHUB_RUN_ID": "77",
}  # fmt: skip


@pytest.mark.parametrize(
    ("variables", "url"),
    [
        ({}, ""),
        (GITHUB, "https://github.example/team/app/actions/runs/77"),
        ({"GITHUB_SERVER_URL": "https://github.example"}, ""),
        ({"CI_JOB_URL": "https://gitlab.example/jobs/5"}, "https://gitlab.example/jobs/5"),
        ({"BUILD_URL": "http://jenkins.example/job/5/"}, "http://jenkins.example/job/5/"),
        ({"BUILD_URL": "not an address"}, ""),
    ],
)
def test_the_ci_job_by_the_usual_variables(variables: dict[str, str], url: str) -> None:
    assert ci_url(variables) == url
