"""Do the pods hold all agents, fit the database, and end in time?"""

from __future__ import annotations

from opsctl.core.capacity import RESERVED_CONNECTIONS, USABLE_SHARE, connections_of, pods_for, with_headroom
from opsctl.core.derive import derive
from opsctl.core.environment import Environment, Part
from opsctl.core.rules.rule import Messages, rule
from opsctl.core.workloads import sizes

RESERVED_VARIABLES = frozenset(
    {
        "COLOR",
        "SERVICES",
        "API_PORT",
        "WS_PORT",
        "METRICS_PORT",
        "MAX_CONNECTIONS",
        "DRAIN_SECONDS",
        "POOL_MIN",
        "POOL_MAX",
        "POOL_TIMEOUT",
        "AUTHENTICATION",
        "KEEP_ALIVE_SECONDS",
        "PING_SECONDS",
        "RATE_LIMIT_PER_MINUTE",
    }
)
"""Environment variables of the containers that come from keys of their own."""


@rule("workload.grace_seconds", "workload.pre_stop_seconds", "workload.drain_seconds")
def grace_covers_the_drain(e: Environment) -> Messages:
    needed = e.workload.pre_stop_seconds + e.workload.drain_seconds + 15
    if e.workload.grace_seconds < needed:
        yield (
            f"{e.workload.grace_seconds} s is too short: pre_stop {e.workload.pre_stop_seconds} + drain "
            f"{e.workload.drain_seconds} + 15 s to close = {needed}"
        )


_FOR_AGENTS = ("workload.replicas", "workloads.split", "workloads.agents.replicas")


def _for_agents(e: Environment) -> int | None:
    """Pods a color that take agents; None where they are derived."""
    own = e.workloads.agents.replicas if e.workloads.split else None
    return e.workload.replicas if own is None else own


@rule(*_FOR_AGENTS, "application.agents", "services.websocket.max_connections")
def pods_hold_all_agents(e: Environment) -> Messages:
    agents, slots, given = e.application.agents, e.services.websocket.max_connections, _for_agents(e)
    needed = with_headroom(agents, slots)
    if given is not None and given < needed:
        yield f"{given} pods hold {given * slots} sockets; {agents} agents need 1.4 x as many, so {needed} pods"


@rule(*_FOR_AGENTS, "stage", "application.agents", "services.websocket.max_connections", "network.zones")
def pods_survive_a_zone(e: Environment) -> Messages:
    needed = pods_for(e.application.agents, e.services.websocket.max_connections, e.network.zones)
    given = _for_agents(e)
    enough_today = with_headroom(e.application.agents, e.services.websocket.max_connections)
    if e.stage == "production" and given is not None and enough_today <= given < needed:
        yield (
            f"{given} pods over {e.network.zones} zones cannot hold {e.application.agents} agents when a zone "
            f"is lost; production needs {needed}"
        )


@rule(
    "workloads.split",
    *(f"workloads.{part}.{key}" for part in ("api", "agents") for key in ("replicas", "cpu", "memory", "command")),
)
def parts_are_of_a_split(e: Environment) -> Messages:
    told = [name for name, part in (("api", e.workloads.api), ("agents", e.workloads.agents)) if part != Part()]
    if told and not e.workloads.split:
        yield f"workloads.{' and workloads.'.join(told)} have no effect: split is false"


@rule("application.agents", "workload.replicas", "services.websocket.max_connections", "network.zones")
def pods_are_within_bounds(e: Environment) -> Messages:
    pods = pods_for(e.application.agents, e.services.websocket.max_connections, e.network.zones)
    if e.workload.replicas is None and pods > 1000:
        yield f"{e.application.agents} agents need {pods} pods a color; at most 1000 are possible"


@rule(
    "database.pool_max",
    "database.instance_class",
    "workload.replicas",
    "workloads.split",
    "workloads.api.replicas",
    "workloads.agents.replicas",
    "application.agents",
    "services.websocket.max_connections",
    "network.zones",
)
def connections_fit_the_database(e: Environment) -> Messages:
    offered = connections_of(e.database.instance_class)
    pods = sum(sizes(derive(e)[0]).values())
    wanted = 2 * pods * e.database.pool_max + RESERVED_CONNECTIONS
    if offered is not None and wanted > USABLE_SHARE * offered:
        yield (
            f"2 colors x {pods} pods x {e.database.pool_max} + {RESERVED_CONNECTIONS} = {wanted} connections; "
            f"{e.database.instance_class} has {offered}, of which {int(USABLE_SHARE * offered)} may be planned"
        )


@rule("database.pool_min", "database.pool_max")
def pool_is_ordered(e: Environment) -> Messages:
    if e.database.pool_min > e.database.pool_max:
        yield f"{e.database.pool_min} is more than pool_max {e.database.pool_max}"


@rule("services.websocket.port", "services.api.port", "services.metrics.port")
def ports_differ(e: Environment) -> Messages:
    ports = (e.services.api.port, e.services.websocket.port, e.services.metrics.port)
    if len(set(ports)) < 3:
        yield "api {}, websocket {} and metrics {} must be three different ports".format(*ports)


@rule("application.secrets", "application.environment")
def secrets_are_told_once(e: Environment) -> Messages:
    taken = sorted(e.application.secrets.keys() & (RESERVED_VARIABLES | e.application.environment.keys()))
    if taken:
        yield f"{', '.join(taken)}: has a value elsewhere, in application.environment or from keys of opsctl's own"


@rule("application.environment")
def variables_are_free(e: Environment) -> Messages:
    taken = sorted(RESERVED_VARIABLES & e.application.environment.keys())
    if taken:
        yield f"{', '.join(taken)}: set by opsctl from keys of its own; remove it here"
