"""A mistake about infrastructure keeps nobody from looking or going back; any other keeps everybody."""

from __future__ import annotations

from pathlib import Path

import pytest
from fakes import World
from release_commands import ENVIRONMENT, Opsctl, opsctl, world

from opsctl.core.color import Color

__all__ = ["opsctl", "world"]

FILE = Path("environments/test.yaml")
INFRASTRUCTURE = "database: {storage_gb: many}\nnetwork: {cidr: 10.0.0.0/8}\n"
LOOKING = (["status"], ["history"], ["lock", "show"], ["unfreeze"])


@pytest.fixture
def served_twice(opsctl: Opsctl) -> Opsctl:
    """Green has the users, blue is warm."""
    assert opsctl("deploy")[0] == 0
    assert opsctl("deploy", "--image", "good:2")[0] == 0
    return opsctl


@pytest.mark.parametrize("words", [*LOOKING, ["rollback"]], ids=" ".join)
def test_looking_and_going_back_work_in_spite_of_it(words: list[str], served_twice: Opsctl) -> None:
    FILE.write_text(ENVIRONMENT + INFRASTRUCTURE)
    code, _, err = served_twice(*words)
    assert code == 0
    assert "environments/test.yaml has mistakes that do not matter here (database.storage_gb, network.cidr)" in err
    assert "opsctl config check" in err


def test_users_are_brought_back(served_twice: Opsctl, world: World) -> None:
    FILE.write_text(ENVIRONMENT + INFRASTRUCTURE)
    served_twice("rollback")
    assert world.active is Color.BLUE


def test_what_is_left_open_can_be_ended(served_twice: Opsctl, world: World) -> None:
    served_twice("deploy", "--image", "good:3", "--no-promote")
    FILE.write_text(ENVIRONMENT + INFRASTRUCTURE)
    assert served_twice("promote")[0] == 3
    assert served_twice("abort")[0] == 0
    assert world.active is Color.GREEN


@pytest.mark.parametrize(
    "mistake",
    [
        "kubernets: {context: elsewhere}\n",  # it would lead to whatever cluster kubectl happens to point at
        "kubernetes: {context: 7}\n",
        "front_door: {kind: window}\n",
        "database: {pool_max: 20\n",  # unreadable from here on
    ],
)
def test_a_mistake_that_may_lead_elsewhere_stops_them(mistake: str, served_twice: Opsctl, world: World) -> None:
    FILE.write_text(ENVIRONMENT + mistake)
    code, _, err = served_twice("rollback")
    assert (code, world.active) == (3, Color.GREEN)
    assert "test.yaml" in err


def test_something_new_wants_the_whole_file_right(served_twice: Opsctl, world: World) -> None:
    FILE.write_text(ENVIRONMENT + INFRASTRUCTURE)
    code, _, err = served_twice("deploy", "--image", "good:3")
    assert (code, world.active) == (3, Color.GREEN)
    assert "database.storage_gb" in err
