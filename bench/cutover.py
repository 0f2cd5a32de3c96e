"""A cutover from its write to the first answer of the new color, against a bare `kubectl patch` of a Service.

Both Services choose between the same pods in the same cluster, and one observer times both. opsctl's is the
active Service, moved by whole `opsctl rollback` runs; kubectl's is a Service made for this measurement.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

from bench.measure import Goal, Row, compared
from bench.observer import Observer
from bench.programs import run
from bench.sandbox import APPLICATION, Sandbox

_OURS = "opsctl-bench"
_PATCHES = 3  # a round, as one costs next to nothing beside a whole rollback


def measure(sandbox: Sandbox, rounds: int) -> list[Row]:
    sandbox.released()
    opsctl, kubectl = [], []
    with _bare_service(sandbox), _observed(sandbox, APPLICATION) as active, _observed(sandbox, _OURS) as bare:
        for number in range(rounds + 1):
            cutover, patches = _rollback(sandbox, active), [_patch(sandbox, bare) for _ in range(_PATCHES)]
            if number:  # the first round does not count
                opsctl.append(cutover)
                kubectl += patches
    return [compared("cutover: write to answer", "kubectl patch", Goal(factor=1.1), (opsctl, kubectl))]


def _rollback(sandbox: Sandbox, active: Observer) -> float:
    color = active.other_color()
    sandbox.opsctl("rollback", "--output", "json")
    return active.seconds_to(color)


def _patch(sandbox: Sandbox, bare: Observer) -> float:
    color = bare.other_color()
    patch = json.dumps({"spec": {"selector": {"opsctl/color": color}}})
    run(sandbox.kubectl("patch", "service", _OURS, "--type", "merge", "--patch", patch))
    return bare.seconds_to(color)


@contextmanager
def _bare_service(sandbox: Sandbox) -> Iterator[None]:
    """A Service of type NodePort beside the active one, gone at the end."""
    delete = sandbox.kubectl("delete", "service", _OURS, "--ignore-not-found")
    run(delete)
    selector = f"app.kubernetes.io/name={APPLICATION},app.kubernetes.io/component=agent,opsctl/color=blue"
    words = ["--type", "NodePort", "--port", "8000", "--target-port", "api", "--labels", "opsctl/bench=true"]
    run(sandbox.kubectl("expose", "deployment", f"{APPLICATION}-blue", "--name", _OURS, "--selector", selector, *words))
    try:
        yield
    finally:
        run(delete)


def _observed(sandbox: Sandbox, service: str) -> Observer:
    found = json.loads(run(sandbox.kubectl("get", "service", service, "--output", "json")).stdout)
    return Observer(sandbox, service, next(p["nodePort"] for p in found["spec"]["ports"] if p["port"] == 8000))
