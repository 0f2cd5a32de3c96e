"""Settings and Secrets travel with a release: made before it, back with it, gone when nobody needs them any more."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from fakes import KEPT, POLICY, Killed, World
from release_runs import last_record, once, release, wanted

from opsctl.core.color import Color
from opsctl.core.environment import Migration
from opsctl.core.release import Outcome, Rollout
from opsctl.core.settings import Stored, settings_digest
from opsctl.errors import Refused, Unreachable
from opsctl.flows.planning import dry_run
from opsctl.flows.steer import resume, rollback, rollback_to

SECRET = {"secrets": {"DB_URL": {"name": "db-v7", "key": "url"}}}
KEYS = frozenset({"url"})
A, B = {"LEVEL": "a"}, {"LEVEL": "b"}


def digest(number: int) -> str:
    return settings_digest({"N": str(number)})


def numbered(world: World, number: int, image: str = "good:2") -> Rollout:
    return release(world, image, settings={"N": str(number)})


def test_they_are_there_before_the_pods_that_refer_to_them(empty: World) -> None:
    release(empty, "good:1", settings=A)
    assert empty.writes.index("ensure settings") < empty.writes.index("install blue")
    assert set(empty.settings) == {settings_digest(A)}


def test_a_migration_finds_them_too(empty: World) -> None:
    policy = replace(POLICY, migration=Migration(command=["migrate"]))
    release(empty, "good:1", policy, settings=A, migration="expand")
    assert empty.writes.index("ensure settings") < empty.writes.index("migrate")


@pytest.mark.parametrize("at", ["before ensure settings", "after ensure settings", "before install green"])
def test_whoever_dies_around_them_is_gone_on_with(served: World, at: str) -> None:
    served.at_point = once(at, served.kill)
    with pytest.raises(Killed):
        release(served, "good:2", settings=A)
    served.bury()
    assert resume(served.ports(), POLICY).outcome is Outcome.SUCCEEDED
    assert served.deployments[Color.GREEN].settings == settings_digest(A)


def test_a_rollback_brings_them_back_though_the_color_was_taken_since(empty: World) -> None:
    release(empty, "good:1", settings=A)
    release(empty, "good:2", settings=B)
    release(empty, "broken:1", settings={"LEVEL": "c"})
    assert rollback(empty.ports(), POLICY, "ana").outcome is Outcome.SUCCEEDED
    assert empty.deployments[Color.BLUE].settings == settings_digest(A)


def test_those_that_somebody_deleted_are_made_again(empty: World) -> None:
    release(empty, "good:1", settings=A)
    release(empty, "good:2", settings=B)
    empty.settings.clear()
    assert rollback_to(1, empty.ports(), POLICY, "ana").outcome is Outcome.SUCCEEDED
    assert settings_digest(A) in empty.settings


def test_a_warm_rollback_makes_them_again_too_as_its_pods_may_start_anew(empty: World) -> None:
    release(empty, "good:1", settings=A)
    release(empty, "good:2", settings=B)
    empty.settings.clear()
    empty.resize(Color.BLUE, 0)
    assert rollback(empty.ports(), POLICY, "ana").outcome is Outcome.SUCCEEDED
    assert empty.settings.keys() == {settings_digest(A)}


def test_users_are_brought_back_though_they_cannot_be_made(empty: World) -> None:
    release(empty, "good:1", settings=A)
    release(empty, "good:2", settings=B)
    empty.at_point = once("before ensure settings", _silence)
    assert rollback(empty.ports(), POLICY, "ana").outcome is Outcome.SUCCEEDED


def test_they_are_kept_as_long_as_a_record_can_bring_them_back(empty: World) -> None:
    for number in range(1, KEPT + 1):
        numbered(empty, number)
    assert len(empty.settings) == KEPT
    numbered(empty, KEPT + 1)
    assert digest(1) not in empty.settings
    assert digest(2) in empty.settings
    assert len(empty.records) == KEPT


def test_those_in_use_are_never_deleted(empty: World) -> None:
    """One pod still runs with settings that are on no record any more."""
    used, unused = Stored("aaaaaaaaaa", "uid", "1"), Stored("bbbbbbbbbb", "uid", "1")
    empty.settings |= {used.digest: used, unused.digest: unused}
    empty.at_point = once("before read used settings", lambda: _run_with(empty, used.digest))
    numbered(empty, 1)
    assert used.digest in empty.settings
    assert unused.digest not in empty.settings


def _run_with(world: World, digest: str) -> None:
    world.deployments[Color.BLUE].pods[0].settings = digest


def test_those_that_are_taken_into_use_meanwhile_stay(empty: World) -> None:
    old = Stored("aaaaaaaaaa", "uid", "1")
    empty.settings[old.digest] = old
    taken = Stored(old.digest, "uid", "2")
    empty.at_point = once("before delete settings", lambda: empty.settings.update({old.digest: taken}))
    assert numbered(empty, 1).outcome is Outcome.SUCCEEDED
    assert empty.settings[old.digest] == taken


@pytest.mark.parametrize("at", ["read settings", "read used settings", "delete settings"])
def test_a_release_does_not_fail_for_them(empty: World, at: str) -> None:
    empty.settings["aaaaaaaaaa"] = Stored("aaaaaaaaaa", "uid", "1")
    empty.at_point = once(f"before {at}", _silence)
    assert numbered(empty, 1).outcome is Outcome.SUCCEEDED
    assert last_record(empty).outcome is Outcome.SUCCEEDED
    assert "aaaaaaaaaa" in empty.settings


def _silence() -> None:
    raise Unreachable("no answer")


def test_after_a_release_that_failed_nothing_is_collected(served: World) -> None:
    served.settings["aaaaaaaaaa"] = Stored("aaaaaaaaaa", "uid", "1")
    assert numbered(served, 1, "broken:1").outcome is Outcome.ABANDONED
    assert "aaaaaaaaaa" in served.settings


@pytest.mark.parametrize(("there", "words"), [({}, "db-v7 does not exist"), ({"db-v7": frozenset()}, "no key url")])
def test_a_secret_that_is_missing_is_told_before_anything_is_written(
    served: World, there: dict[str, frozenset[str] | None], words: str
) -> None:
    served.secrets = there
    before, records = list(served.writes), dict(served.records)
    with pytest.raises(Refused, match=words) as refused:
        release(served, "good:2", values=SECRET)
    assert refused.value.state == "No release was begun; users stay on blue."
    assert (served.writes, served.records, served.lease) == (before, records, None)
    _, findings = dry_run(wanted("good:2", values=SECRET), served.ports(), POLICY)
    assert words in findings[-1].detail


def test_one_that_may_not_be_read_is_told_and_stops_nothing(served: World) -> None:
    served.secrets = {"db-v7": None}
    assert release(served, "good:2", values=SECRET).outcome is Outcome.SUCCEEDED
    assert "not known" in served.watching.findings[-1].detail


def test_a_recorded_release_whose_secret_is_gone_is_refused(empty: World) -> None:
    empty.secrets = {"db-v7": KEYS}
    release(empty, "good:1", values=SECRET)
    release(empty, "good:2")
    empty.secrets.clear()
    records = dict(empty.records)
    with pytest.raises(Refused, match="Secret db-v7 does not exist"):
        rollback_to(1, empty.ports(), POLICY, "ana")
    assert (empty.records, empty.lease) == (records, None)


def test_a_warm_rollback_asks_for_no_secret_as_its_pods_run(empty: World) -> None:
    empty.secrets = {"db-v7": KEYS}
    release(empty, "good:1", values=SECRET)
    release(empty, "good:2")
    empty.secrets.clear()
    assert rollback(empty.ports(), POLICY, "ana").outcome is Outcome.SUCCEEDED


def test_one_that_has_to_start_pods_does(empty: World) -> None:
    empty.secrets = {"db-v7": KEYS}
    release(empty, "good:1", values=SECRET)
    release(empty, "good:2")
    release(empty, "broken:1")
    empty.secrets.clear()
    with pytest.raises(Refused, match="release 1 cannot start: Secret db-v7 does not exist"):
        rollback(empty.ports(), POLICY, "ana")


def test_one_whose_pods_are_all_gone_does_too(empty: World) -> None:
    empty.secrets = {"db-v7": KEYS}
    release(empty, "good:1", values=SECRET)
    release(empty, "good:2")
    empty.secrets.clear()
    empty.resize(Color.BLUE, 0)
    empty.clock.sleep(5)
    empty.ports().cluster.read()
    with pytest.raises(Refused, match="db-v7"):
        rollback(empty.ports(), POLICY, "ana")


def test_the_record_names_the_secret(empty: World) -> None:
    empty.secrets = {"db-v7": KEYS}
    release(empty, "good:1", values=SECRET)
    assert json.loads(empty.records[1][1])["values"] == SECRET
