"""Is a repository that is there already left alone, and do nodes reach it?"""

from __future__ import annotations

from opsctl.core.environment import Environment, Registry
from opsctl.core.rules.rule import Messages, rule

_OF_OURS = ("keep_images", "untagged_days")  # what it does to images; scans and copies are on unless told otherwise


@rule("registry.existing_url", *(f"registry.{name}" for name in _OF_OURS))
def existing_registry_is_left_alone(e: Environment) -> Messages:
    told = [name for name in _OF_OURS if getattr(e.registry, name) != getattr(Registry(), name)]
    if e.registry.existing_url is not None and told:
        yield f"its images expire by its owner's rules: {' and '.join(told)} would have no effect"


@rule("registry.existing_url", "aws.region", "network.nat", "network.existing.vpc_id")
def images_can_be_pulled(e: Environment) -> Messages:
    url, closed = e.registry.existing_url, e.network.nat == "none" and e.network.existing.vpc_id is None
    if url is not None and closed and f".dkr.ecr.{e.aws.region}." not in url:
        yield f"is not in {e.aws.region}: endpoints lead to no other region, and network.nat is none"
