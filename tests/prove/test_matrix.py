"""The matrix has every boundary of a release: a step that is new fails this until it has its cases."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from fakes import DRAIN, POLICY, World
from matrix import BOUNDARIES, FAULTS, cases
from release_runs import release

from opsctl.core.environment import Hook, Hooks
from opsctl.core.release import Rollout
from opsctl.flows import boundaries, deploy, holding, writing
from opsctl.flows.steer import rollback

SHORT = replace(
    POLICY, gate_seconds=0.3, bake_seconds=0.5, probe_interval=0.25, drain=replace(DRAIN, quiet_seconds=0.2)
)
RUNS: dict[str, Callable[[World], Rollout]] = {
    "deploy": lambda world: release(world, "good:2", SHORT),
    "rollback": lambda world: rollback(world.ports(), SHORT, "ana"),
    "guarded deploy": lambda world: release(
        world, "good:2", replace(SHORT, guard="in_cluster", guard_image="opsctl:1")
    ),
    "migrating deploy": lambda world: release(world, "good:2", SHORT, migration="expand"),
    "hooked deploy": lambda world: release(
        world, "good:2", replace(SHORT, hooks=Hooks(pre_cutover=Hook(["true"]), post_cutover=Hook(["true"])))
    ),
    "asking deploy": lambda world: release(
        world, "good:2", replace(SHORT, drain=replace(DRAIN, quiet_seconds=0.2, method="endpoint"))
    ),
    "failing deploy": lambda world: release(world, "late-metrics:1", SHORT),
}


@pytest.fixture
def passed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The boundaries that are passed from now on, each once, in order."""
    found: dict[str, None] = {}
    for module in (deploy, holding, writing):
        monkeypatch.setattr(module, "passed", lambda boundary: found.setdefault(boundary))
    return found  # type: ignore[return-value]  # a dict keeps the order and drops what comes again


@pytest.mark.parametrize("kind", BOUNDARIES)
def test_every_boundary_of_a_release_is_in_the_matrix(kind: str, served: World, passed: list[str]) -> None:
    if kind == "rollback":
        release(served, "good:2", SHORT)
    passed.clear()
    RUNS[kind](served)
    before = () if kind in ("deploy", "rollback") else BOUNDARIES["deploy"]
    assert [boundary for boundary in passed if boundary not in before] == list(BOUNDARIES[kind])


def test_each_has_a_case_with_each_fault() -> None:
    found = {(case.release, case.boundary, case.fault) for case in cases()}
    wanted = {(kind, boundary, fault) for kind, passed in BOUNDARIES.items() for boundary in passed for fault in FAULTS}
    assert found == wanted
    assert {case.steer for case in cases()} == {"resume", "abort"}


def test_without_the_variable_nothing_is_cut_short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(boundaries, "_stop", lambda how: pytest.fail(f"stopped by {how!r}"))
    boundaries.passed("after lock")


def test_only_the_named_boundary_is_cut_short(monkeypatch: pytest.MonkeyPatch) -> None:
    stopped: list[str] = []
    monkeypatch.setattr(boundaries, "_stop", stopped.append)
    monkeypatch.setenv(boundaries.VARIABLE, "kill:cutover: after switch")
    for boundary in BOUNDARIES["deploy"]:
        boundaries.passed(boundary)
    assert stopped == ["kill"]


def test_a_mistyped_fault_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(boundaries.VARIABLE, "kil:after lock")
    with pytest.raises(ValueError, match="kill, term or pause=FILE"):
        boundaries.passed("after lock")
