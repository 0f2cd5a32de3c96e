"""Keys that reach no rendered file, and what they are for. Tests keep both lists exact in both directions."""

from __future__ import annotations

USES: dict[str, str] = {
    "application.agents": "pods a color, where workload.replicas is not given",
    "aws.config_file": "AWS configuration of Terraform and of opsctl's own calls",
    "aws.profile": "credentials of Terraform and of opsctl's own calls",
    "cost.assumed.answers_gb": "the traffic that `cost` reckons with",
    "cost.assumed.logs_gb": "the traffic that `cost` reckons with",
    "cost.assumed.nat_gb": "the traffic that `cost` reckons with",
    "cost.assumed.requests_millions": "the traffic that `cost` reckons with",
    "cost.savings_percent": "what `cost` says of savings plans",
    "drift.ignore": "drift that `drift` reports without exit code 4, until a day",
    "front_door.api_url": "the address that the front-door probe asks",
    "front_door.kind": "how the front-door probe reaches the active color",
    "kubernetes.context": "the cluster that releases go to",
    "kubernetes.kubeconfig": "the cluster that releases go to",
    "release.bake_seconds": "how long `deploy` watches after cutover",
    "release.consecutive": "when `deploy` believes a failing probe",
    "release.drain.batch": "how many agents `deploy` asks to move at once",
    "release.drain.deadline": "when `deploy` stops waiting for the old color's last connections",
    "release.drain.method": "whether `deploy` stops pods that hold agents, or asks for the agents first",
    "release.drain.path": "where `deploy` asks for agents to go",
    "release.drain.quiet_seconds": "when `deploy` believes that the old color is idle",
    "release.drain.reconnects_per_second": "how many agents `deploy` asks to move",
    "release.error_ratio_limit": "when `deploy` calls the answers to users bad",
    "release.gate_deadline": "when `deploy` abandons a color that does not hold its probes",
    "release.gate_load": "how many requests a second `deploy` puts on the new color in the gate",
    "release.gate_load_path": "what those requests ask for",
    "release.gate_seconds": "how long `deploy` wants all probes to hold before cutover",
    "release.guard": "whether a pod goes on with a release when its operator is gone",
    "release.hooks.on_halt.command": "what is run on opsctl's computer when a release has halted",
    "release.hooks.on_halt.timeout": "when that is ended, and has failed",
    "release.hooks.post_cutover.command": "what is run on opsctl's computer when the new color has the users",
    "release.hooks.post_cutover.timeout": "when that is ended, and has failed",
    "release.hooks.post_rollback.command": "what is run on opsctl's computer when users are back",
    "release.hooks.post_rollback.timeout": "when that is ended, and has failed",
    "release.hooks.pre_cutover.command": "what is run on opsctl's computer before traffic moves",
    "release.hooks.pre_cutover.timeout": "when that is ended, and has failed",
    "release.hooks.pre_deploy.command": "what is run on opsctl's computer before anything is done",
    "release.hooks.pre_deploy.timeout": "when that is ended, and has failed",
    "release.hooks.pre_rollback.command": "what is run on opsctl's computer beside the way back",
    "release.hooks.pre_rollback.timeout": "when that is ended, and has failed",
    "release.latency_limit": "when `deploy` calls an answer too slow",
    "release.max_restarts": "when `deploy` calls restarting pods a failure",
    "release.migration.command": "what `deploy` runs in the new image",
    "release.migration.deadline": "when a migration is ended",
    "release.migration.kind": "when it runs, and whether there is a way back",
    "release.notify.on": "which events others are told of",
    "release.notify.sns_topic_arn": "the topic that is told",
    "release.notify.webhook_env": "where addresses that are secrets are found",
    "release.notify.webhooks": "who is told by HTTP",
    "release.of_last": "when `deploy` believes a failing probe",
    "release.probe_interval": "how often `deploy` probes",
    "release.probe_timeout": "how long a probe waits",
    "release.prometheus_url": "where queries of Prometheus are asked",
    "release.queries": "figures of your own that `deploy` judges after cutover",
    "release.rate_window": "how far back `deploy` counts users' requests",
    "release.silence_limit": "when `deploy` halts because the cluster does not answer",
    "release.slow_ratio_limit": "when `deploy` calls the answers to users slow",
    "release.standby": "size of the old color after a release",
    "release.warm_deadline": "when `deploy` abandons a color that does not become ready",
    "terraform.binary": "the program that plan and provision run",
    "terraform.plan_valid_minutes": "how long provision accepts a saved plan",
    "workload.replicas": "pods a color; the chart leaves the number to opsctl",
    "workloads.agents.command": "with workloads.split: values-*.yaml",
    "workloads.agents.cpu": "with workloads.split: values-*.yaml",
    "workloads.agents.memory": "with workloads.split: values-*.yaml",
    "workloads.agents.replicas": "pods of `agents` a color, where the services are split",
    "workloads.api.command": "with workloads.split: values-*.yaml",
    "workloads.api.cpu": "with workloads.split: values-*.yaml",
    "workloads.api.memory": "with workloads.split: values-*.yaml",
    "workloads.api.replicas": "pods of `api` a color, where the services are split",
}

LATER: dict[str, str] = {
    "ci.approvals": "how many people the rendered workflow asks before it applies or releases",
    "ci.artifact_days": "how long the rendered workflow keeps plans and reports",
    "ci.deploy_on": "what makes the rendered workflow release",
    "ci.image_scan_limit": "from which severity on the rendered workflow refuses an image",
    "ci.required_checks": "which jobs of the rendered workflow must pass first",
}
"""Keys that are declared and checked, and that nothing reads yet: what will. This list may only shrink."""


def sentences(path: str) -> list[str]:
    """What there is to say about a key that reaches no file."""
    return [said for said in (USES.get(path, ""), not_yet(path)) if said]


def not_yet(path: str) -> str:
    """That nothing uses a key yet, and what it will say; else ""."""
    return f"not used yet: it will say {LATER[path]}" if path in LATER else ""
