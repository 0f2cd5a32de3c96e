"""Can a release ever pass, and does each of its limits have an effect?"""

from __future__ import annotations

from opsctl.core.derive import derive
from opsctl.core.drain import rate_of
from opsctl.core.environment import Drain, Environment, Hook
from opsctl.core.hook import HookName, every
from opsctl.core.rules.rule import Messages, rule


@rule("release.gate_seconds", "release.gate_deadline")
def gate_can_pass(e: Environment) -> Messages:
    if e.release.gate_seconds >= e.release.gate_deadline:
        yield f"{e.release.gate_seconds:g} s cannot be held within gate_deadline {e.release.gate_deadline:g} s"


@rule("release.latency_limit", "release.probe_timeout")
def latency_is_below_the_timeout(e: Environment) -> Messages:
    if e.release.latency_limit > e.release.probe_timeout:
        yield f"{e.release.latency_limit:g} s has no effect: a probe ends after {e.release.probe_timeout:g} s"


@rule("release.consecutive", "release.of_last")
def enough_rounds_are_looked_at(e: Environment) -> Messages:
    if e.release.consecutive > e.release.of_last:
        yield f"{e.release.consecutive} failures never happen among the last {e.release.of_last} (of_last)"


@rule("release.rate_window", "release.probe_interval")
def rates_have_readings(e: Environment) -> Messages:
    if e.release.rate_window < 3 * e.release.probe_interval:
        yield f"{e.release.rate_window:g} s hold fewer than three readings, one each {e.release.probe_interval:g} s"


@rule("release.queries", "release.prometheus_url")
def queries_have_a_server(e: Environment) -> Messages:
    asks = any(text.startswith("prometheus:") for text in e.release.queries)
    if asks and e.release.prometheus_url is None:
        yield "asks Prometheus; prometheus_url has to say where it is"
    if e.release.prometheus_url is not None and not asks:
        yield "prometheus_url has no effect: no query asks Prometheus"


@rule("release.gate_load", "release.gate_load_path")
def load_has_a_rate(e: Environment) -> Messages:
    if e.release.gate_load_path is not None and not e.release.gate_load:
        yield "gate_load_path has no effect: gate_load is 0"


@rule("release.drain.path", "release.drain.method")
def drain_asks_by_its_path(e: Environment) -> Messages:
    if e.release.drain.path != Drain().path and e.release.drain.method != "endpoint":
        yield "has no effect: with method terminate pods are stopped, and nothing is asked"


@rule("release.migration.command", "release.migration.kind")
def migration_has_a_command(e: Environment) -> Messages:
    if e.release.migration.kind != "none" and not e.release.migration.command:
        yield f"missing; migration.kind is {e.release.migration.kind}, so opsctl must know what to run"


@rule(*(f"release.hooks.{name}.{key}" for name in HookName for key in ("command", "timeout")))
def hooks_have_a_command(e: Environment) -> Messages:
    for name, hook in every(e.release.hooks).items():
        if hook.command is None and hook.timeout != Hook().timeout:
            yield f"missing in {name}, whose timeout has no effect without one"


@rule(
    "release.drain.deadline",
    "release.drain.reconnects_per_second",
    "release.drain.quiet_seconds",
    "application.agents",
)
def drain_can_end(e: Environment) -> Messages:
    drain, agents = derive(e)[0].release.drain, e.application.agents
    rate = rate_of(drain)
    needed = drain.quiet_seconds + agents / rate
    if needed > drain.deadline:
        yield (
            f"{drain.deadline:g} s is too short: quiet_seconds {drain.quiet_seconds:g} + {agents} agents at "
            f"{rate:g} a second take {needed:.0f} s"
        )


@rule("front_door.api_url", "front_door.kind")
def url_is_given(e: Environment) -> Messages:
    if e.front_door.kind == "url" and e.front_door.api_url is None:
        yield "missing; front_door.kind is url, so opsctl must know the address"
    if e.front_door.kind != "url" and e.front_door.api_url is not None:
        yield f"has no effect: front_door.kind is {e.front_door.kind}"
