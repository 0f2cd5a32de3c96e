"""`opsctl status` against the `kubectl get` that reads the same objects; opsctl probes every pod on top."""

from __future__ import annotations

from bench.measure import Goal, Row, alternate, compared
from bench.programs import run
from bench.sandbox import Sandbox

_KINDS = "deployments,pods,services,endpointslices,configmaps,leases"


def measure(sandbox: Sandbox, rounds: int) -> list[Row]:
    sandbox.released()
    get = sandbox.kubectl("get", _KINDS, "--output", "json")
    samples = alternate(lambda: sandbox.opsctl("status").seconds, lambda: run(get).seconds, rounds * 2)
    return [compared("opsctl status", "kubectl get", Goal(factor=1, extra=0.4), samples)]
