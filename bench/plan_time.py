"""`opsctl plan` against `terraform plan` in the folder that opsctl rendered, with no changes pending."""

from __future__ import annotations

from bench.measure import Goal, Row, alternate, compared
from bench.programs import run
from bench.sandbox import Sandbox


def measure(sandbox: Sandbox, rounds: int) -> list[Row]:
    sandbox.provisioned()
    environment = sandbox.terraform_environment()

    def terraform() -> float:
        argv = ["terraform", "plan", "-input=false", "-detailed-exitcode"]
        return run(argv, env=environment, cwd=sandbox.terraform_folder).seconds

    samples = alternate(lambda: sandbox.opsctl("plan").seconds, terraform, rounds)
    return [compared("opsctl plan", "terraform plan", Goal(factor=1.05, extra=0.5), samples)]
