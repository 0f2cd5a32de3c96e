"""`opsctl provision`, `destroy`: apply exactly what was shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from opsctl.cli.desk import Desk, open_desk
from opsctl.cli.options import (
    HERE,
    EnvOption,
    NoColorOption,
    OutputOption,
    ProjectOption,
    VerboseOption,
    YesOption,
    make_console,
)
from opsctl.console import Output

if TYPE_CHECKING:
    from opsctl.core.apply_record import ApplyRecord

PlanOption = Annotated[int | None, typer.Option("--plan", metavar="NNNN", help="Apply this saved plan, and no other.")]
LossOption = Annotated[
    list[str] | None,
    typer.Option("--allow-data-loss", metavar="ADDRESS", help="A resource, or its module, whose data may go; repeat."),
]
ConfirmOption = Annotated[
    str | None, typer.Option("--confirm", metavar="NAME", help="The environment's name, instead of typing it.")
]

PreflightOption = Annotated[
    bool, typer.Option("--despite-preflight", help="Apply although the pre-flight says that it will fail.")
]
OverBudgetOption = Annotated[
    bool, typer.Option("--over-budget", help="Apply although it would cost more than cost.monthly_budget_usd.")
]
WithoutClusterOption = Annotated[
    bool, typer.Option("--without-cluster", help="Do not look for load balancers that Kubernetes made; they stay.")
]


def provision(
    env: EnvOption = None,
    project: ProjectOption = HERE,
    plan_number: PlanOption = None,
    allow_data_loss: LossOption = None,
    over_budget: OverBudgetOption = False,
    despite_preflight: PreflightOption = False,
    yes: YesOption = False,
    confirm: ConfirmOption = None,
    output: OutputOption = Output.TEXT,
    verbose: VerboseOption = False,
    no_color: NoColorOption = False,
) -> None:
    """Plan, show, ask, then apply exactly that plan.

    The first time, the state's bucket is made before. What would lose data needs --allow-data-loss and the
    environment's name, typed or by --confirm; --yes is not enough.

    Example: opsctl provision --env production --plan 0007 --yes
    """
    from opsctl.console.asking import need_an_answer
    from opsctl.flows.provision import Despite, provision_saved
    from opsctl.flows.provision import provision as plan_and_apply

    console = make_console(output, verbose, no_color)
    need_an_answer(console, yes or confirm is not None, "opsctl plan shows what would change; then add --yes")
    desk = open_desk(project, env, console, yes=yes or confirm is not None, confirm=confirm)
    console.say(desk.heading)
    allowed, despite = allow_data_loss or [], Despite(over_budget, despite_preflight)
    with desk.naming_the_holder():
        if plan_number is None:
            record = plan_and_apply(desk.ports, allowed, despite)
        else:
            record = provision_saved(desk.ports, plan_number, allowed, despite)
    _say_applied(desk, record, next_="opsctl deploy · opsctl outputs")


def destroy(
    env: EnvOption = None,
    project: ProjectOption = HERE,
    allow_data_loss: LossOption = None,
    confirm: ConfirmOption = None,
    without_cluster: WithoutClusterOption = False,
    output: OutputOption = Output.TEXT,
    verbose: VerboseOption = False,
    no_color: NoColorOption = False,
) -> None:
    """Destroy what `provision` made, but the state's bucket.

    Asks for the environment's name. What holds data goes only where it is named by --allow-data-loss;
    without it this is refused, changes nothing, and the refusal says what to add.
    Load balancers that Kubernetes made are removed first, so the cluster has to be reachable (--without-cluster).

    Example: opsctl destroy --env sandbox
    """
    from opsctl.console.asking import need_an_answer
    from opsctl.flows.provision import destroy as plan_and_destroy

    console = make_console(output, verbose, no_color)
    need_an_answer(console, confirm is not None, "add --confirm NAME")
    desk = open_desk(project, env, console, confirm=confirm)
    console.say(desk.heading)
    with desk.naming_the_holder():
        record = plan_and_destroy(desk.ports, allow_data_loss or [], without_cluster=without_cluster)
    _say_applied(desk, record, next_=f"the state bucket {desk.ports.bucket.name} is kept, with the state's history")


def _say_applied(desk: Desk, record: ApplyRecord | None, *, next_: str) -> None:
    """The last lines: what was done, and what to type next."""
    if record is None:
        desk.console.data({"outcome": "unchanged"}, "unchanged")
        return
    from opsctl.core.apply_record import to_json

    done = f"{record.added} added, {record.changed} changed, {record.destroyed} destroyed"
    text = f"{record.environment}: {done} in {record.seconds:.0f} s\n  next   {next_}"
    desk.console.data(to_json(record), text)
