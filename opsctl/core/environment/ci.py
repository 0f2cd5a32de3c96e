"""The pipeline: who may do what in AWS, and what it demands before it releases."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, ClassVar, Literal

from annotated_types import Ge, Le, MinLen, Predicate

from opsctl.core import formats
from opsctl.core.environment.types import STRICT, Text

CheckName = Literal["lint", "types", "tests", "scan"]
Trusted = Annotated[list[Annotated[str, Predicate(formats.oidc_subject)]], MinLen(1)]


@dataclass(frozen=True)
class Subjects:
    """Whole `sub` claims of GitHub's tokens, which AWS compares for equality."""

    __pydantic_config__: ClassVar[dict[str, str]] = dict(STRICT)

    plan: Trusted | None = None
    """Who may look and plan. Default: pull requests and the branch of ci.repository."""
    apply: Trusted | None = None
    """Who may provision. Default: GitHub's environment of the same name as this one."""
    push: Trusted | None = None
    """Who may push images. Default: the branch of ci.repository."""
    deploy: Trusted | None = None
    """Who may release. Default: GitHub's environment of the same name as this one."""


@dataclass(frozen=True)
class Ci:
    __pydantic_config__: ClassVar[dict[str, str]] = dict(STRICT)

    repository: Annotated[str, Predicate(formats.repository)] | None = None
    """GitHub repository that plans, provisions, pushes and releases; without one nobody is trusted."""
    branch: Text = "main"
    """Its branch that images are built from."""
    oidc_provider: Literal["create", "existing"] = "create"
    """GitHub as a provider of identities: an account has one, so create it in one environment of the account."""
    subjects: Subjects = field(default_factory=Subjects)
    required_checks: Annotated[list[CheckName], MinLen(1)] = field(
        default_factory=lambda: ["lint", "types", "tests", "scan"]
    )
    """What must pass before an image is pushed."""
    deploy_on: Literal["tag", "branch", "manual"] = "tag"
    """What makes a release: a tag vX.Y.Z, a push to the branch, or a person."""
    approvals: Annotated[int, Ge(0), Le(6)] = 1
    """People other than the author who agree before anything is applied or released; production needs one."""
    image_scan_limit: Literal["critical", "high"] = "high"
    """From this severity on, a finding that has a fix keeps an image out of the registry."""
    artifact_days: Annotated[int, Ge(1), Le(90)] = 5
    """How long plans and reports are kept, days; a plan may hold secrets, so only as long as it is needed."""
