"""`opsctl lock`, `freeze`, `unfreeze`, and what they mean for releases, as an operator types them."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from fakes import FakeClock, Killed, World
from lock_fakes import FakeLocks, ports, ran
from release_commands import Opsctl, opsctl, world
from release_runs import last_record, once

from opsctl import wiring
from opsctl.core.color import Color
from opsctl.core.release import Phase

__all__ = ["opsctl", "world"]


@pytest.fixture
def served(opsctl: Opsctl, world: World) -> World:
    assert opsctl("deploy")[0] == 0
    world.writes.clear()
    return world


class TestTerraformsLock:
    @pytest.fixture(autouse=True)
    def locks(self, monkeypatch: pytest.MonkeyPatch) -> FakeLocks:
        found = FakeLocks(found=ran())
        monkeypatch.setattr(wiring, "state_lock_ports", lambda project, environment: ports(found))
        return found

    def test_it_is_shown_beside_the_other(self, opsctl: Opsctl) -> None:
        code, out, _ = opsctl("lock", "show")
        assert (code, "lock      free" in out) == (0, True)
        assert "state     locked by ana@build-7: apply of plan 0007, since" in out
        assert "next: opsctl lock release --terraform" in out
        assert json.loads(opsctl("lock", "show", "-o", "json")[1])["terraform"]["life"] == "dead"

    def test_alone_it_needs_no_cluster(self, opsctl: Opsctl, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delattr(wiring, "access_ports")
        assert opsctl("lock", "show", "--terraform")[0] == 0
        assert opsctl("lock", "release", "--terraform")[0] == 0

    def test_not_to_know_is_an_answer(self, opsctl: Opsctl, locks: FakeLocks) -> None:
        locks.silent = True
        code, out, _ = opsctl("lock", "show")
        assert (code, "state     nobody can tell: no answer" in out) == (0, True)
        assert json.loads(opsctl("lock", "show", "-o", "json")[1])["terraform"]["state"] == "unknown"
        assert opsctl("lock", "release", "--terraform")[0] == 1

    def test_release(self, opsctl: Opsctl, locks: FakeLocks) -> None:
        locks.found = ran(alive=True)
        assert opsctl("lock", "release", "--terraform")[0] == 5
        locks.found = ran()
        code, out, _ = opsctl("lock", "release", "--terraform")
        assert (code, out.startswith("Terraform's state is free; it was locked by ana@build-7")) == (0, True)
        assert opsctl("lock", "release", "--terraform")[1] == "Nobody had Terraform's lock.\n"


class TestLock:
    def test_acquire_show_release(self, opsctl: Opsctl, world: World) -> None:
        code, out, _ = opsctl("lock", "acquire", "--reason", "moving the database", "--for", "2h")
        assert (code, "Locked: ana@host holds it since" in out, "opsctl lock release" in out) == (0, True, True)
        code, out, _ = opsctl("lock", "show")
        assert (code, "moving the database" in " ".join(out.split()), "freeze    none" in out) == (0, True, True)
        found = json.loads(opsctl("lock", "show", "-o", "json")[1])
        assert found["freeze"] is None
        assert found["lock"]["until"] - found["lock"]["since"] == 7200
        assert opsctl("lock", "release")[1].startswith("Released; it was: ana@host holds it since")
        assert json.loads(opsctl("lock", "show", "-o", "json")[1])["lock"] is None
        assert opsctl("lock", "release")[:2] == (0, "Nobody had the lock.\n")

    @pytest.mark.parametrize("command", [["deploy", "--image", "good:2"], ["rollback"], ["resume"], ["abort"]])
    def test_it_blocks_whoever_comes(self, opsctl: Opsctl, served: World, command: list[str]) -> None:
        opsctl("lock", "acquire", "--reason", "moving the database")
        code, out, err = opsctl(*command)
        assert (code, out, served.writes) == (5, "", [])
        assert "ana@host holds it since" in err
        assert "moving the database" in err
        assert "opsctl lock release" in err

    def test_whoever_has_it_already_is_named(self, opsctl: Opsctl) -> None:
        opsctl("lock", "acquire", "--reason", "moving the database")
        code, _, err = opsctl("lock", "acquire", "--reason", "another thing", "-o", "json")
        assert (code, "moving the database" in err, "it is yours: opsctl lock release" in err) == (5, True, True)

    def test_it_ends_by_itself(self, opsctl: Opsctl, served: World) -> None:
        opsctl("lock", "acquire", "--reason", "moving the database", "--for", "90s")
        served.clock.sleep(89)
        assert opsctl("deploy", "--image", "good:2")[0] == 5
        served.clock.sleep(1)
        assert opsctl("deploy", "--image", "good:2")[0] == 0

    def test_a_living_process_keeps_its_own(self, opsctl: Opsctl, served: World) -> None:
        served.ports().lock.acquire("deploys good:2")
        code, _, err = opsctl("lock", "release")
        assert (code, "deploys good:2" in err, served.lease is None) == (5, True, False)

    def test_a_dead_ones_is_taken_away(self, opsctl: Opsctl, served: World) -> None:
        served.at_point = once("after save phase gating", served.kill)
        with pytest.raises(Killed):
            opsctl("deploy", "--image", "good:2")
        code, out, _ = opsctl("lock", "release")
        assert (code, "deploys good:2" in out, served.lease) == (0, True, None)

    @pytest.mark.parametrize(
        "words",
        [
            ["acquire"],
            ["acquire", "--reason", " "],
            ["acquire", "--reason", "x", "--for", "ten"],
            ["acquire", "--reason", "x", "--for", "0m"],
        ],
    )
    def test_what_makes_no_sense_is_refused(self, opsctl: Opsctl, world: World, words: list[str]) -> None:
        assert opsctl("lock", *words)[0] == 2
        assert world.lease is None

    def test_status_tells_of_it(self, opsctl: Opsctl, served: World) -> None:
        opsctl("lock", "acquire", "--reason", "moving the database")
        assert "holds it since" in opsctl("status")[1]
        assert json.loads(opsctl("status", "-o", "json")[1])["lock"]["reason"] == "moving the database"


class TestFreeze:
    def test_new_releases_are_refused_until_it_is_lifted(self, opsctl: Opsctl, served: World) -> None:
        code, out, _ = opsctl("freeze", "--reason", "the autumn sale", "--until", "2h")
        assert (code, "the autumn sale" in out, "opsctl unfreeze" in out) == (0, True, True)
        code, out, err = opsctl("deploy", "--image", "good:2")
        assert (code, out, served.writes, served.lease) == (8, "", [], None)
        assert served.freeze
        assert f"releases are frozen by {served.freeze.by} until " in err
        assert "the autumn sale" in err
        assert "opsctl unfreeze" in err
        assert opsctl("unfreeze")[0] == opsctl("unfreeze")[0] == 0
        assert opsctl("deploy", "--image", "good:2")[0] == 0

    def test_it_ends_by_itself(self, opsctl: Opsctl, served: World) -> None:
        opsctl("freeze", "--reason", "the autumn sale", "--until", "90s")
        served.clock.sleep(90)
        assert json.loads(opsctl("lock", "show", "-o", "json")[1])["freeze"] is None
        assert opsctl("deploy", "--image", "good:2")[0] == 0

    def test_promotion_and_superseding_are_refused_too(self, opsctl: Opsctl, served: World) -> None:
        opsctl("deploy", "--image", "good:2", "--no-promote")
        opsctl("freeze", "--reason", "the autumn sale", "--until", "2h")
        assert opsctl("promote")[0] == 8
        assert opsctl("deploy", "--image", "good:3", "--supersede")[0] == 8
        assert served.active is Color.BLUE
        assert last_record(served).phase is Phase.AWAITING_PROMOTION

    def test_going_back_is_not(self, opsctl: Opsctl, served: World) -> None:
        opsctl("deploy", "--image", "good:2")
        opsctl("deploy", "--image", "good:3", "--no-promote")
        opsctl("freeze", "--reason", "the autumn sale", "--until", "2h")
        assert opsctl("abort")[0] == 0
        assert opsctl("rollback")[0] == 0
        assert opsctl("rollback", "--to", "2")[0] == 0
        assert served.active is Color.GREEN

    def test_what_was_begun_is_resumed(self, opsctl: Opsctl, served: World) -> None:
        served.at_point = once("after switch to green", served.kill)
        with pytest.raises(Killed):
            opsctl("deploy", "--image", "good:2")
        opsctl("freeze", "--reason", "the autumn sale", "--until", "2h")
        assert opsctl("resume")[0] == 0
        assert served.active is Color.GREEN

    def test_status_tells_of_it(self, opsctl: Opsctl, served: World) -> None:
        assert "  freeze    none" in opsctl("status")[1]
        opsctl("freeze", "--reason", "the autumn sale " * 8, "--until", "2h")
        text = opsctl("status")[1]
        assert "  freeze    frozen by " in text
        assert max(map(len, text.splitlines())) <= 80
        found = json.loads(opsctl("status", "-o", "json")[1])["freeze"]
        assert found["until"] - found["since"] == 7200

    def test_a_moment_may_be_named(self, opsctl: Opsctl, world: World) -> None:
        tomorrow = datetime.fromtimestamp(world.clock.now() + 86400).replace(microsecond=0)
        assert opsctl("freeze", "--reason", "x", "--until", tomorrow.isoformat())[0] == 0
        assert world.freeze
        assert world.freeze.until == tomorrow.timestamp()

    @pytest.mark.parametrize(
        "words",
        [["--until", "2h"], ["--reason", "x"], ["--reason", "x", "--until", "soon"], ["--reason", "", "--until", "2h"]],
    )
    def test_what_makes_no_sense_is_refused(self, opsctl: Opsctl, world: World, words: list[str]) -> None:
        assert opsctl("freeze", *words)[0] == 2
        assert world.freeze is None


class TestWait:
    def test_it_waits_for_the_lock_and_goes_on(self, opsctl: Opsctl, served: World) -> None:
        other = served.ports()
        other.lock.acquire("deploys good:3")
        released_at = served.clock.now() + 100

        def release_in_time(point: str) -> None:
            if served.clock.now() >= released_at:
                other.lock.release()

        served.at_point = release_in_time
        code, _, err = opsctl("deploy", "--image", "good:2", "--wait", "10m")
        assert (code, served.active) == (0, Color.GREEN)
        assert err.count("deploys good:3") == 1
        assert err.count("s at most; Ctrl-C gives up") == 4
        assert "600 s at most" in err

    def test_it_gives_up_in_time(self, opsctl: Opsctl, served: World) -> None:
        served.ports().lock.acquire("deploys good:3")
        began = served.clock.now()
        code, _, err = opsctl("deploy", "--image", "good:2", "--wait", "2m")
        assert (code, "deploys good:3" in err) == (5, True)
        assert 120 <= served.clock.now() - began < 125
        assert served.writes == []

    def test_ctrl_c_changes_nothing(self, opsctl: Opsctl, served: World, monkeypatch: pytest.MonkeyPatch) -> None:
        served.ports().lock.acquire("deploys good:3")

        def interrupt(self: FakeClock, seconds: float) -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr(FakeClock, "sleep", interrupt)
        code, out, err = opsctl("deploy", "--image", "good:2", "--wait", "10m")
        assert (code, out, served.writes) == (130, "", [])
        assert "interrupted while waiting for the lock" in err
        assert "Nothing was done." in err

    def test_a_dead_ones_lock_needs_no_waiting(self, opsctl: Opsctl, served: World) -> None:
        served.at_point = once("after save phase gating", served.kill)
        with pytest.raises(Killed):
            opsctl("deploy", "--image", "good:2")
        assert opsctl("resume")[0] == 0


class TestSupersede:
    def test_a_release_that_waits_for_promotion(self, opsctl: Opsctl, served: World) -> None:
        opsctl("deploy", "--image", "good:2", "--no-promote")
        assert opsctl("deploy", "--image", "good:3", "--supersede")[0] == 0
        assert served.active is Color.GREEN
        assert served.deployments[Color.GREEN].image == "good:3"
        rows = json.loads(opsctl("history", "-o", "json")[1])
        assert [(row["id"], row["outcome"]) for row in rows] == [(1, "succeeded"), (2, "abandoned"), (3, "succeeded")]
        assert rows[1]["reason"].startswith("superseded by ")

    @pytest.mark.parametrize("phase", ["warming", "gating"])
    def test_a_dead_ones_release(self, opsctl: Opsctl, served: World, phase: str) -> None:
        at = {"warming": "after install green", "gating": "after save phase gating"}[phase]
        served.at_point = once(at, served.kill)
        with pytest.raises(Killed):
            opsctl("deploy", "--image", "good:2")
        assert opsctl("deploy", "--image", "good:3", "--supersede")[0] == 0
        assert served.deployments[Color.GREEN].image == "good:3"

    def test_nothing_to_supersede_is_a_deploy(self, opsctl: Opsctl, served: World) -> None:
        assert opsctl("deploy", "--image", "good:2", "--supersede")[0] == 0
        assert served.active is Color.GREEN

    def test_after_cutover_it_is_refused(self, opsctl: Opsctl, served: World) -> None:
        served.at_point = once("after save phase baking", served.kill)
        with pytest.raises(Killed):
            opsctl("deploy", "--image", "good:2")
        served.writes.clear()
        code, _, err = opsctl("deploy", "--image", "good:3", "--supersede")
        assert (code, served.writes, served.lease) == (2, [], None)
        assert "rollout 2 cannot be superseded any more: it is baking" in err
        assert "opsctl abort" in err

    def test_a_living_one_after_cutover_is_left_alone(self, opsctl: Opsctl, served: World) -> None:
        def second() -> None:
            found.append(opsctl("deploy", "--image", "good:3", "--supersede")[0])

        found: list[int] = []
        served.at_point = once("after save phase baking", second)
        assert opsctl("deploy", "--image", "good:2")[0] == 0
        assert found == [2]
        assert served.deployments[Color.GREEN].image == "good:2"

    def test_the_holder_is_asked_and_gives_way(self, opsctl: Opsctl, served: World) -> None:
        """The holder's part is played here; the next test has it real."""
        holder = served.ports()
        holder.lock.acquire("deploys good:2")
        asked: list[Any] = []

        def give_way(point: str) -> None:
            if point == "after ask to give way":
                asked.append(holder.lock.rival())
                holder.lock.release()

        served.at_point = give_way
        assert opsctl("deploy", "--image", "good:3", "--supersede")[0] == 0
        assert len(asked) == 1
        assert asked[0].endswith(" deploys good:3")

    def test_whoever_is_asked_stops_before_its_next_write(self, opsctl: Opsctl, served: World) -> None:
        rival = served.ports()
        served.at_point = once("after save phase gating", lambda: rival.lock.ask("eve@pc deploys good:3"))
        code, _, err = opsctl("deploy", "--image", "good:2")
        assert (code, "superseded: eve@pc deploys good:3" in err, served.lease) == (130, True, None)
        assert "Users stay on blue" in err
        assert served.writes[-2:] == ["save phase gating", "save superseded"]
        assert last_record(served).open

    def test_after_its_cutover_it_goes_on(self, opsctl: Opsctl, served: World) -> None:
        rival = served.ports()
        served.at_point = once("after save phase cutover", lambda: rival.lock.ask("eve@pc deploys good:3"))
        assert opsctl("deploy", "--image", "good:2")[0] == 0
        assert served.active is Color.GREEN

    def test_a_holder_that_does_not_give_way(self, opsctl: Opsctl, served: World) -> None:
        holder = served.ports()
        holder.lock.acquire("deploys good:2")
        code, _, err = opsctl("deploy", "--image", "good:3", "--supersede")
        assert (code, "deploys good:2" in err, served.writes) == (5, True, [])
        assert holder.lock.rival() == "", "nobody waits any more"

    def test_a_persons_lock_is_not_broken(self, opsctl: Opsctl, served: World) -> None:
        opsctl("lock", "acquire", "--reason", "moving the database")
        began = served.clock.now()
        assert opsctl("deploy", "--image", "good:2", "--supersede")[0] == 5
        assert served.clock.now() - began < 1
        assert served.lease
        assert served.lease == replace(served.lease, rival="")
