"""What the long proofs reckon from a release's record."""

from __future__ import annotations

import pytest
from own_time import own_seconds

_RECORD = {
    "policy": {"gate_seconds": 2, "probe_interval": 0.5, "bake_seconds": 10},
    "entries": [
        [101.0, "intent install into blue", ""],
        [103.0, "done install into blue", ""],
        [108.0, "phase gating", ""],  # 5 s for pods
        [111.0, "phase cutover", ""],  # 2 s of the gate; the third is ours
        [111.5, "intent switch green to blue", ""],
        [111.7, "done switch green to blue", ""],
        [111.8, "phase baking", ""],
        [121.8, "phase draining", ""],  # 10 s of the bake
        [124.8, "intent stop 1 pods of green", ""],  # 3 s for traffic to leave
        [125.0, "done stop 1 pods of green", ""],
        [129.0, "outcome succeeded", ""],  # 4 s for the pod to be replaced
    ],
}


def test_waiting_for_pods_gate_and_bake_is_not_opsctls_own_time() -> None:
    assert own_seconds(30.0, _RECORD) == pytest.approx(30 - 5 - 2 - 10 - 3 - 4)
