"""What settings are called, and which of them may go."""

from __future__ import annotations

import pytest

from opsctl.core.checkup import Level
from opsctl.core.color import Color
from opsctl.core.release import Kind, Phase, Rollout
from opsctl.core.secrets import judge_secrets, wanted_secrets
from opsctl.core.settings import Stored, collectable, config_map, settings_digest, settings_name

OLD, NEW, ODD = ({"LOG_LEVEL": level} for level in ("info", "debug", "trace"))
VALUES = {
    "secrets": {
        "DB_URL": {"name": "db-v7", "key": "url"},
        "DB_USER": {"name": "db-v7", "key": "user"},
        "TOKEN": {"name": "token-v1", "key": "token"},
    }
}
WANTED = wanted_secrets(VALUES)


def record(settings: dict[str, str]) -> Rollout:
    return Rollout(
        id=1, kind=Kind.DEPLOY, release=1, color=Color.BLUE, origin=None, image="a:1", settings=settings,
        sizes={"agent": 1}, started_at=0.0, started_by="ana", phase=Phase.DRAINING, phase_since=0.0,
    )  # fmt: skip


def stored(*all_of_them: dict[str, str]) -> list[Stored]:
    return [Stored(settings_digest(each), "uid", "1") for each in all_of_them]


def test_the_name_is_the_content_whatever_the_order() -> None:
    both = {"A": "1", "B": "2"}
    assert settings_digest(both) == settings_digest(dict(reversed(both.items())))
    assert settings_digest(both) == "3eda2f0674", "a name that is made otherwise tomorrow orphans those of today"
    assert settings_name("agent", both) == "agent-settings-3eda2f0674"
    assert config_map("agent", both)["immutable"] is True


@pytest.mark.parametrize("other", [{"A": "12"}, {"A1": "2"}, {"A": "1", "": "2"}, {"a": "1"}, {"A": ""}])
def test_other_settings_have_another_name(other: dict[str, str]) -> None:
    assert settings_digest(other) != settings_digest({"A": "1"})


def test_no_settings_are_no_object() -> None:
    assert (settings_digest({}), settings_name("agent", {})) == ("", "")


def test_what_a_record_can_bring_back_stays() -> None:
    assert collectable(stored(OLD, NEW), [record(OLD), record(NEW)], ()) == []
    assert collectable(stored(OLD, NEW), [record(NEW)], ()) == stored(OLD)


def test_what_is_in_use_stays_though_nobody_remembers_it() -> None:
    assert collectable(stored(OLD, ODD), [record(NEW)], {settings_digest(OLD)}) == stored(ODD)


def test_every_key_that_is_referred_to_is_wanted() -> None:
    assert {"db-v7": frozenset({"url", "user"}), "token-v1": frozenset({"token"})} == WANTED
    assert wanted_secrets({}) == {}


def test_what_is_there_is_fine() -> None:
    found = judge_secrets(WANTED, {"db-v7": frozenset({"url", "user", "more"}), "token-v1": frozenset({"token"})})
    assert [each.level for each in found] == [Level.OK, Level.OK]


def test_what_is_missing_is_named() -> None:
    found = judge_secrets(WANTED, {"db-v7": frozenset({"url"})})
    assert [(each.level, each.detail) for each in found] == [
        (Level.FAIL, "Secret db-v7 has no key user"),
        (Level.FAIL, "Secret token-v1 does not exist"),
    ]


def test_what_may_not_be_read_is_unknown_and_no_failure() -> None:
    found = judge_secrets(WANTED, {"db-v7": None, "token-v1": frozenset({"token"})})
    assert [each.level for each in found] == [Level.WARN, Level.OK]
    assert "not known" in found[0].detail
