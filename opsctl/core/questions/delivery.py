"""CI/CD pipeline."""

from __future__ import annotations

from opsctl.core.questions.question import Answer, category
from opsctl.core.questions.sources import AWS, OURS, TARGETS

_TEAM = "the team that owns the repository"

DELIVERY = category(
    3,
    "CI/CD pipeline",
    {
        "Which repository is it, and how does it branch?": (
            Answer("ci.repository", blocks="the pipeline's roles in AWS", who=_TEAM),
            Answer("ci.branch", "short branches off one protected main", OURS),
            Answer(
                "ci.subjects.deploy", "derived from repository and environment; new repositories have other ones", AWS
            ),
        ),
        "What triggers a build and a deployment?": (
            Answer("ci.deploy_on", "a signed tag; everything before it is built from main", OURS),
        ),
        "Which tests and quality gates must hold?": (
            Answer("ci.required_checks", "what the application's own repository runs", OURS),
            Answer("ci.image_scan_limit", "high findings with a fix stop a release", AWS),
            Answer("release.gate_seconds", "all probes of all pods, before users are moved", OURS),
            Answer("services.metrics.required_series", "series that judge a release", OURS),
        ),
        "Who approves a deployment?": (Answer("ci.approvals", "one who is not its author", OURS),),
        "Where are artifacts kept, and how are they named?": (
            Answer("workload.image", "derived: the registry of this environment", OURS),
            Answer("registry.keep_images", "enough to go back far", OURS),
            Answer("registry.untagged_days", "left over by builds", OURS),
            Answer("ci.artifact_days", "plans hold secrets, so not for long", OURS),
        ),
        "When is a release rolled back, and how?": (
            Answer("release.bake_seconds", "the old color stays at full size as long", OURS),
            Answer("release.consecutive", "one lost answer is no outage", OURS),
            Answer("release.error_ratio_limit", "users' own requests, by the new color's metrics", OURS),
            Answer("release.latency_limit", "response time", TARGETS),
            Answer("release.standby", "going back takes seconds", OURS),
            Answer("release.migration.kind", "none: the schema stays as it is", OURS),
            Answer("release.guard_image", "none: without one nobody goes on when opsctl's computer dies", OURS),
        ),
        "Who hears of a release?": (
            Answer("release.notify.sns_topic_arn", "none: nobody but whoever runs it", OURS),
            Answer("release.notify.webhooks", "none", OURS),
        ),
    },
)
