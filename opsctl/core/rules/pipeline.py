"""Is it clear whom the pipeline's roles trust?"""

from __future__ import annotations

from opsctl.core.environment import Ci, Environment
from opsctl.core.rules.rule import Messages, rule


@rule("ci.repository", "ci.subjects.plan", "ci.subjects.apply", "ci.subjects.push", "ci.subjects.deploy")
def subjects_have_a_repository(e: Environment) -> Messages:
    if e.ci.repository is None and e.ci.subjects != Ci().subjects:
        yield "missing; without it no role is made, and ci.subjects have no effect"


@rule("ci.subjects.apply", "ci.subjects.plan")
def pull_requests_change_nothing(e: Environment) -> Messages:
    both = sorted(set(e.ci.subjects.apply or []) & set(e.ci.subjects.plan or []))
    if both:
        yield f"{', '.join(both)}: may plan; whoever may provision passes GitHub's environment and its approvals"
