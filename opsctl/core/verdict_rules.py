"""By which rule a verdict came about, in words and with the figures that a release was judged by."""

from __future__ import annotations

from opsctl.core.environment import Release as Policy
from opsctl.core.health import Service
from opsctl.core.judge import ALL_FAILING, DOOR_HOLDS_S, REQUESTS
from opsctl.core.rates import LEAST_BAD, WORSE
from opsctl.core.release import Phase
from opsctl.core.tape import DOOR, WHOLE


def rule_about(about: str, policy: Policy) -> str:
    """What makes this unhealthy. Empty for what is not known here."""
    if about in set(Service):
        return (
            f"a pod is believed after {policy.consecutive} failing of its last {policy.of_last} rounds, one each "
            f"{policy.probe_interval:g} s, without users half as often; all pods failing {ALL_FAILING} times in a "
            f"row at once. No answer within {policy.probe_timeout:g} s is a failure"
        )
    return {
        DOOR: (
            f"no answer but failures, {policy.consecutive} at least and for {DOOR_HOLDS_S:g} s; "
            "longer while every pod still answers"
        ),
        REQUESTS: (
            f"over {policy.error_ratio_limit:.1%} answered with 5xx, or over {policy.slow_ratio_limit:.1%} slower than "
            f"{policy.latency_limit:g} s, within {policy.rate_window:g} s; {LEAST_BAD} at least, and {WORSE:g} times "
            "the other color's share"
        ),
        WHOLE: (
            f"an image that cannot be pulled, a container that cannot start, more than {policy.max_restarts} restarts, "
            "or any service below"
        ),
    }.get(about, "")


def rule_of_phase(phase: Phase, policy: Policy) -> str:
    """What has to be true for a phase to end well, and until when."""
    return {
        Phase.MIGRATING: "the migration's command has to end well",
        Phase.WARMING: f"every pod has to be ready within {policy.warm_deadline:g} s",
        Phase.GATING: (
            f"every service on every pod has to pass for {policy.gate_seconds:g} s, within {policy.gate_deadline:g} s"
        ),
        Phase.AWAITING_PROMOTION: "a person decides",
        Phase.CUTOVER: "one write moves all traffic, if the new color is healthy just before",
        Phase.BAKING: f"nothing may be wrong for {policy.bake_seconds:g} s; the old color stays at full size",
        Phase.DRAINING: (
            f"nothing new reaches the old color for {policy.drain.quiet_seconds:g} s, then its connections go, "
            f"within {policy.drain.deadline:g} s"
        ),
        Phase.ROLLING_BACK: "one write moves all traffic back, if the old color is healthy just before",
        Phase.ABANDONING: "the preview is stopped; traffic stays where it is",
    }[phase]
