"""What a deploy would do, found out by reading alone: which release where, whether it makes sense, whether it fits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from opsctl.core.bindings import judge_bound, judge_weights, unknown_weights
from opsctl.core.checkup import Finding, Level
from opsctl.core.color import COLOR_LABEL, NOBODY, Color
from opsctl.core.contract import read_contract
from opsctl.core.environment import Release as Policy
from opsctl.core.environment import Services
from opsctl.core.history import next_number, recorded_release
from opsctl.core.hook import HookName, hook_of
from opsctl.core.planned import Planned
from opsctl.core.release import BEFORE_CUTOVER, Kind, Outcome, Phase, Rollout
from opsctl.core.room import Amount, Need, judge_places, judge_room, quantity, shortages
from opsctl.core.secrets import judge_secrets, wanted_secrets
from opsctl.core.sizes import Sizes, grown, total
from opsctl.core.snapshot import Snapshot, where
from opsctl.core.workloads import AGENTS, asked_for
from opsctl.errors import OpsError, Refused, UsageError
from opsctl.flows.access import refuse_while_frozen
from opsctl.flows.agents import agents_of
from opsctl.ports.release import ReleasePorts


@dataclass(frozen=True)
class Wanted:
    """What a person asked for. `color` None is the idle one."""

    image: str
    settings: Mapping[str, str]
    sizes: Sizes
    by: str
    color: Color | None = None
    values: Mapping[str, Any] = field(default_factory=dict)  # of the chart; color and release are put in when installed
    hold: bool = False
    migration: str = "none"  # of release.migration.kind
    commit: str = ""  # of the project
    wait: float = 0.0  # seconds to wait for a lock that somebody else has


def planned(wanted: Wanted, ports: ReleasePorts) -> Planned:
    """Raises UsageError (into the active color), Refused (another rollout is unfinished)."""
    before, past = ports.cluster.read(), ports.journal.rollouts()
    refuse_while_open(past)
    _refuse_other_workloads(wanted, before)
    _refuse_unknown_color(before)
    serving = recorded_release(before.colors[before.active].release, past) if before.active else None
    return Planned(_rollout(wanted, before, past, ports.clock.now()), before, serving)


def dry_run(wanted: Wanted, ports: ReleasePorts, policy: Policy) -> tuple[Planned, list[Finding]]:
    """What `deploy` would do and what its pre-flight finds. Writes nothing; raises what `deploy` would."""
    refuse_while_frozen(ports)
    plan = planned(wanted, ports)
    if plan.rollout.outcome:
        return plan, []
    return plan, [
        *room_for(plan, ports), *secrets_for(plan.rollout, ports), *hooks_for(plan.rollout, ports, policy),
        *bindings_for(plan, ports),
    ]  # fmt: skip


def preflight(plan: Planned, ports: ReleasePorts, policy: Policy) -> None:
    """Raises Refused where Kubernetes is sure to refuse the new color's pods, or cannot start them; or a hook."""
    room, secrets = room_for(plan, ports), secrets_for(plan.rollout, ports)
    hooks, bindings = hooks_for(plan.rollout, ports, policy), bindings_for(plan, ports)
    ports.watching.checked([*room, *secrets, *hooks, *bindings])
    short = shortages(room)
    if short:
        raise Refused(
            f"both colors do not fit: {'; '.join(short)}", state=_nothing_begun(plan.rollout),
            hint="kubectl describe quota, then ask whoever set it; or workload.replicas, workload.resources",
        )  # fmt: skip
    _refuse_missing(secrets, plan.rollout)
    if hooks:
        raise Refused(
            "; ".join(shortages(hooks)), state=_nothing_begun(plan.rollout),
            hint=f"{hooks[0].remedy}; or release.hooks in the environment file",
        )  # fmt: skip
    for lacking in (found for found in bindings if found.level is Level.FAIL):
        raise Refused(lacking.detail, state=_nothing_begun(plan.rollout), hint=lacking.remedy)


def refuse_missing_secrets(rollout: Rollout, ports: ReleasePorts) -> None:
    """Raises Refused where new pods of this release could not start for the want of a Secret."""
    _refuse_missing(secrets_for(rollout, ports), rollout)


def _refuse_missing(secrets: list[Finding], rollout: Rollout) -> None:
    missing = shortages(secrets)
    if missing:
        raise Refused(
            f"release {rollout.release} cannot start: {'; '.join(missing)}",
            state=_nothing_begun(rollout),
            hint="make it in the application's namespace, which is there by now; application.secrets names it",
        )


def _nothing_begun(rollout: Rollout) -> str:
    users = f"users stay on {rollout.origin}" if rollout.origin else "nobody is served yet"
    return f"No release was begun; {users}."


def hooks_for(rollout: Rollout, ports: ReleasePorts, policy: Policy) -> list[Finding]:
    """Those that cannot be started."""
    hooks = {name: hook_of(name, rollout, policy) for name in HookName}
    troubles = {name: ports.hooks.trouble(hook) for name, hook in hooks.items() if hook}
    remedy = "chmod +x, or install it"
    return [Finding("hooks", Level.FAIL, f"hook {name}: {why}", remedy) for name, why in troubles.items() if why]


def bindings_for(plan: Planned, ports: ReleasePorts) -> list[Finding]:
    """Whether pods will be in the load balancer's target groups, where there are any, and take away none in use."""
    bound = ports.charts.bound()
    return [*judge_bound(bound), *_weights_for(plan, ports)] if bound else []


def _weights_for(plan: Planned, ports: ReleasePorts) -> list[Finding]:
    """Before the first release nobody has pods anywhere."""
    into = plan.rollout.color
    if plan.before.active is None:
        return []
    try:
        return judge_weights(into, ports.charts.balanced())
    except OpsError as error:
        return unknown_weights(into, error.message)


def room_for(plan: Planned, ports: ReleasePorts) -> list[Finding]:
    """For the pods that the new color has to have beside all that is there, and on them for the agents of the old."""
    rollout = plan.rollout
    living = [pod.workload for pod in plan.before.colors[rollout.color].living]
    missing = {name: max(0, pods - living.count(name)) for name, pods in rollout.sizes.items()}
    needs = [Need(n, _pod(name, rollout.values)) for name, n in missing.items() if n]
    return [*judge_room(needs, ports.cluster.room()), *_places_for(plan, ports)]


def _places_for(plan: Planned, ports: ReleasePorts) -> list[Finding]:
    old, rollout = plan.back_to, plan.rollout
    if old is None:
        return []
    offered = read_contract(str(rollout.values.get("services", ""))) or old.services or Services()
    return [
        judge_places(
            agents_of(old, ports), rollout.sizes.get(AGENTS, total(rollout.sizes)), offered.websocket.max_connections
        )
    ]


def secrets_for(rollout: Rollout, ports: ReleasePorts) -> list[Finding]:
    """Whether what the release refers to is there; values are not asked for."""
    wanted = wanted_secrets(rollout.values)
    return judge_secrets(wanted, ports.cluster.secrets(wanted)) if wanted else []


def _pod(workload: str, values: Mapping[str, Any]) -> Amount:
    asked = asked_for(values, workload)
    return Amount(quantity(asked.get("cpu", "0")), quantity(asked.get("memory", "0")), 1)


def refuse_while_open(past: list[Rollout]) -> None:
    unfinished = next((rollout for rollout in past if rollout.open), None)
    if unfinished is None:
        return
    if unfinished.outcome is Outcome.AWAITING_PROMOTION:
        hint = "opsctl promote moves traffic to it, opsctl abort drops it"
    else:
        hint = "opsctl resume goes on with it, opsctl abort goes back"
    if unfinished.phase in BEFORE_CUTOVER:
        hint += "; opsctl deploy --supersede takes its place"
    raise Refused(
        f"rollout {unfinished.id} to {unfinished.color} is unfinished ({unfinished.phase.value})",
        state="Nothing was changed.", hint=hint,
    )  # fmt: skip


def _rollout(wanted: Wanted, before: Snapshot, past: list[Rollout], now: float) -> Rollout:
    active = before.active
    number = next_number(before, past)
    rollout = Rollout(
        id=number, kind=Kind.DEPLOY, release=number, color=_color(wanted, active), origin=active, image=wanted.image,
        settings=dict(wanted.settings), values=dict(wanted.values), sizes=_grown(wanted, before, past),
        started_at=now, started_by=wanted.by, phase=_first_phase(wanted), phase_since=now, hold=wanted.hold,
        migration=wanted.migration, commit=wanted.commit,
        origin_release=before.colors[active].release if active else None,
        origin_sizes=before.colors[active].sizes if active else {},
    )  # fmt: skip
    current = recorded_release(before.colors[active].release, past) if active else None
    if current and active and _same(current, wanted) and before.colors[active].image == wanted.image:
        return _unchanged(current, active, now)
    if active is not None and wanted.color is active:
        raise UsageError(
            f"{active} has the users; a release goes into the idle color",
            state="Nothing was changed.", hint=f"opsctl deploy --color {active.other}, or without --color",
        )  # fmt: skip
    return rollout


def _refuse_other_workloads(wanted: Wanted, before: Snapshot) -> None:
    """Each workload has an address of its own: to split differently is to move users to other addresses."""
    standing = sorted({name for state in before.colors.values() for name in state.sizes})
    if standing and not set(standing) <= wanted.sizes.keys():
        raise Refused(
            f"workloads {', '.join(standing)} stand in the cluster, {', '.join(wanted.sizes)} are to be released",
            state="Nothing was changed.",
            hint="services are split once: another application.name beside this one, then move its addresses",
        )


def _refuse_unknown_color(before: Snapshot) -> None:
    """A Service that selects no color that we know may select anything: then nothing is idle for sure."""
    if before.split:
        raise Refused(
            f"users are on two colors: {where(before)}",
            state="Nothing was changed.", hint="opsctl resume, opsctl abort, or one color in every active Service",
        )  # fmt: skip
    strange = [router.selects for router in before.traffic if router.active is None and router.selects != NOBODY]
    if strange:
        raise Refused(
            f"the active Service selects {strange[0] or 'no color'}, so it is not known which color has the users",
            state="Nothing was changed.",
            hint=f'kubectl patch service NAME -p \'{{"spec":{{"selector":{{"{COLOR_LABEL}":"blue"}}}}}}\', or green',
        )


def _grown(wanted: Wanted, before: Snapshot, past: list[Rollout]) -> Sizes:
    """As wanted, or as the active color where somebody made it larger than it was released: users may need that."""
    if before.active is None:
        return wanted.sizes
    state = before.colors[before.active]
    recorded = recorded_release(state.release, past)
    larger = {name: n for name, n in state.sizes.items() if recorded and n > recorded.sizes.get(name, n)}
    return grown(wanted.sizes, larger)


def _first_phase(wanted: Wanted) -> Phase:
    return Phase.MIGRATING if wanted.migration == "expand" else Phase.WARMING


def _same(current: Rollout, wanted: Wanted) -> bool:
    """Image, settings, and all else that the chart is told: a change of memory is a release too."""
    return (current.image, current.settings, current.values) == (wanted.image, wanted.settings, wanted.values)


def _color(wanted: Wanted, active: Color | None) -> Color:
    return wanted.color or (active.other if active else Color.BLUE)


def _unchanged(current: Rollout, active: Color | None, now: float) -> Rollout:
    return replace(
        current, color=active or current.color, outcome=Outcome.UNCHANGED, ended_at=now, timings={},
        why=f"release {current.release} has this image and settings",
    )  # fmt: skip
