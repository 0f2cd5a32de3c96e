"""Keys that reach no rendered file, and what they are for. A test keeps this list exact in both directions."""

from __future__ import annotations

USES: dict[str, str] = {
    "application.agents": "pods a color, where workload.replicas is not given",
    "aws.config_file": "AWS configuration of Terraform and of opsctl's own calls",
    "aws.profile": "credentials of Terraform and of opsctl's own calls",
    "front_door.api_url": "the address that the front-door probe asks",
    "front_door.kind": "how the front-door probe reaches the active color",
    "kubernetes.context": "the cluster that releases go to",
    "kubernetes.kubeconfig": "the cluster that releases go to",
    "release.bake_seconds": "how long `deploy` watches after cutover",
    "release.consecutive": "when `deploy` believes a failing probe",
    "release.drain_deadline": "when `deploy` stops waiting for the old color's last connections",
    "release.drain_quiet_seconds": "when `deploy` believes that the old color is idle",
    "release.error_ratio_limit": "when `deploy` calls the answers to users bad",
    "release.gate_deadline": "when `deploy` abandons a color that does not hold its probes",
    "release.gate_seconds": "how long `deploy` wants all probes to hold before cutover",
    "release.guard_image": "what the pod runs that goes on with a release when its operator is gone",
    "release.latency_limit": "when `deploy` calls an answer too slow",
    "release.max_restarts": "when `deploy` calls restarting pods a failure",
    "release.of_last": "when `deploy` believes a failing probe",
    "release.probe_interval": "how often `deploy` probes",
    "release.probe_timeout": "how long a probe waits",
    "release.rate_window": "how far back `deploy` counts users' requests",
    "release.silence_limit": "when `deploy` halts because the cluster does not answer",
    "release.slow_ratio_limit": "when `deploy` calls the answers to users slow",
    "release.standby": "size of the old color after a release",
    "release.warm_deadline": "when `deploy` abandons a color that does not become ready",
    "terraform.binary": "the program that plan and provision run",
    "terraform.plan_valid_minutes": "how long provision accepts a saved plan",
    "workload.replicas": "pods a color; the chart leaves the number to opsctl",
}
