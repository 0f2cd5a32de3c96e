"""AWS account and authentication."""

from __future__ import annotations

from opsctl.core.questions.question import Answer, category
from opsctl.core.questions.sources import AWS, OURS

_OWNER = "whoever owns the AWS account"
_PLATFORM = "the platform team"
_RELEASES = "releases by anybody but the account's own administrators"

ACCOUNT = category(
    1,
    "AWS account and authentication",
    {
        "Which AWS account and which regions is it built in?": (
            Answer("aws.account_id", blocks="plan, provision and everything else in AWS", who=_OWNER),
            Answer("aws.region", "most services, lowest prices, and CloudFront's certificates are there anyway", OURS),
            Answer("aws.dr_region", "another coast, same law, cheapest pair of us-east-1", OURS),
        ),
        "By which credentials do people and pipelines work?": (
            Answer("aws.profile", "none: the usual chain of environment, profile and role is used", AWS),
            Answer("aws.config_file", "none: ~/.aws/config", AWS),
            Answer("ci.oidc_provider", "pipelines get roles by GitHub's tokens; no key is stored anywhere", OURS),
        ),
        "Which IAM roles are there, and what may each of them do?": (
            Answer("cluster.admin_role_arns", blocks="administration of the cluster", who=_PLATFORM),
            Answer("cluster.deployer_role_arns", blocks=_RELEASES, who=_PLATFORM),
            Answer("cluster.operator_role_arns", "none: administrators operate it themselves", OURS),
            Answer("cluster.auditor_role_arns", "none: nobody reads it who may not change it", OURS),
            Answer("cluster.break_glass_role_arns", "none: administrators are the last resort", OURS),
            Answer("aws.permissions_boundary_arn", "none: the account demands no boundary", OURS),
        ),
        "What does the network look like: addresses, zones, what it is joined to?": (
            Answer("network.cidr", "a /16 leaves half of itself free for a second cluster", OURS),
            Answer("network.zones", "one zone lost leaves two; 99.9 % needs that", AWS),
            Answer("network.peered_cidrs", "none: it is joined to nothing", OURS),
        ),
        "How do nodes reach the outside, and AWS?": (
            Answer("network.nat", "agents call out; one gateway a zone survives the loss of a zone", AWS),
            Answer("network.endpoints", "derived: S3's costs nothing; without NAT gateways all are needed", AWS),
            Answer("network.flow_log_days", "a year of evidence for auditors", AWS),
        ),
        "Which infrastructure is there already, to be used instead of making it?": (
            Answer("network.existing.vpc_id", "none: a VPC is made", OURS),
            Answer("network.existing.private_subnet_ids", "none: subnets are made", OURS),
            Answer("cluster.existing_name", "none: a cluster is made", OURS),
            Answer("registry.existing_url", "none: a registry is made", OURS),
            Answer("kubernetes.kubeconfig", "none: KUBECONFIG, or ~/.kube/config", OURS),
            Answer("edge.hosted_zone_id", "none: a hosted zone is made", OURS),
        ),
        "Who may reach the cluster's API, and from where?": (
            Answer("cluster.access", "in_vpc: nobody from the internet", AWS),
            Answer("cluster.public_access_cidrs", "nobody from the internet", AWS),
        ),
        "How do development, staging and production differ?": (
            Answer("stage", "the strict rules are production's; files share a base by `extends`", OURS),
        ),
        "Where is Terraform's state kept?": (
            Answer("state.bucket", "derived from application, account and region", OURS),
            Answer("state.key", "one state an environment", OURS),
        ),
    },
)
