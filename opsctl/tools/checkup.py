"""Looking at what opsctl stands on. Each check turns every failure into a finding; none raises."""

from __future__ import annotations

import time
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from pathlib import Path

from opsctl.core.bindings import MANUAL, judge_bound
from opsctl.core.checkup import Finding, Level, judge_account, judge_clock, judge_skew, judge_version
from opsctl.core.environment import Environment
from opsctl.core.environment import Release as Policy
from opsctl.errors import OpsError
from opsctl.tools.cluster.api import Api
from opsctl.tools.cluster.bindings import Bindings
from opsctl.tools.helm import helm_program
from opsctl.tools.process import Command, run

_TIMEOUT_S = 10.0
_NEEDED = (
    ("apps", "deployments", "patch"),
    ("", "services", "patch"),
    ("", "pods", "delete"),
    ("", "pods/proxy", "get"),
    ("", "configmaps", "create"),
    ("", "configmaps", "update"),
    ("", "configmaps", "patch"),
    ("coordination.k8s.io", "leases", "create"),
    ("coordination.k8s.io", "leases", "update"),
    ("coordination.k8s.io", "leases", "delete"),
)

_MIGRATING = (("batch", "jobs", "create"),)
_GUARDING = (
    ("batch", "jobs", "create"),
    ("batch", "jobs", "deletecollection"),
    ("rbac.authorization.k8s.io", "roles", "create"),
    ("rbac.authorization.k8s.io", "rolebindings", "create"),
)

_BINDING = tuple(("elbv2.k8s.aws", "targetgroupbindings", verb) for verb in ("create", "patch", "delete"))


def check_tools(terraform: str, cluster: str | None = None) -> Iterator[Finding]:
    """`cluster` is the Kubernetes version that kubectl has to go with; None where nobody said one."""
    yield _tool("terraform", (terraform, "version"), (1, 11), "install Terraform 1.11 or newer")
    yield _tool("helm", (helm_program(), "version", "--short"), (4, 0), "install Helm 4; make setup builds one")
    kubectl = _tool("kubectl", ("kubectl", "version", "--client"), (1, 30), "install kubectl 1.30 or newer")
    yield judge_skew(kubectl, cluster) if cluster else kubectl


def check_aws(environment: Environment, project: Path) -> Finding:
    from opsctl.tools.aws import client, hint_of

    try:
        caller = client("sts", environment.aws, project).get_caller_identity()
    except Exception as error:  # botocore raises a dozen classes, and each means the same here
        remedy = hint_of(environment.aws, "check aws.profile, aws.region and the credentials")
        return Finding("aws account", Level.FAIL, str(error)[:200], remedy)
    return judge_account(environment.aws.account_id, caller["Account"], caller["Arn"])


def check_cluster(api: Api) -> Iterator[Finding]:
    try:
        answer = api.raw("GET", "/version")
        version = str(api.get("/version")["gitVersion"])
    except OpsError as error:
        yield Finding("cluster", Level.FAIL, error.message, error.hint)
        return
    yield Finding("cluster", Level.OK, f"{version} at {api.server}")
    if date := answer.headers.get("Date"):
        yield judge_clock(parsedate_to_datetime(date).timestamp() - time.time())


def check_rights(api: Api, namespace: str, policy: Policy) -> Finding:
    """Whether these credentials may do what a release does; asked of the cluster, not guessed."""
    try:
        needed = [*_NEEDED, *(_MIGRATING if policy.migration.kind != "none" else ())]
        lacking = [f"{verb} {what}" for group, what, verb in needed if not _may(api, namespace, group, what, verb)]
    except OpsError as error:
        return Finding("rights", Level.WARN, error.message, error.hint)
    if lacking:
        return Finding(
            "rights", Level.FAIL, f"may not {', '.join(lacking)} in {namespace}", "ask the cluster's administrator"
        )
    return Finding("rights", Level.OK, f"may release into {namespace}")


def check_guard(api: Api, namespace: str, policy: Policy) -> Finding:
    """Whether releases will have their guard in the cluster; without one they go on, so this only warns."""
    lost = "if opsctl dies after cutover, nobody brings users back"
    if policy.guard == "none":
        return Finding("guard", Level.OK, "none wanted (release.guard)")
    if not policy.guard_image:
        return Finding("guard", Level.WARN, f"release.guard_image names no image: {lost}", "see docs/guard.md")
    try:
        lacking = [f"{verb} {what}" for group, what, verb in _GUARDING if not _may(api, namespace, group, what, verb)]
    except OpsError as error:
        return Finding("guard", Level.WARN, error.message, error.hint)
    if lacking:
        remedy = f"ask the cluster's administrator: {lost}"
        return Finding("guard", Level.WARN, f"may not {', '.join(lacking)} in {namespace}", remedy)
    return Finding("guard", Level.OK, f"{policy.guard_image}, started before each cutover")


def check_bindings(bindings: Bindings) -> Iterator[Finding]:
    """Whether pods can enter the load balancer's target groups, and these credentials put them there. Nothing where
    there are none."""
    namespace = bindings.names.namespace
    try:
        bound = bindings.read()
        needed = _BINDING if bound and bound.known else ()
        lacking = [verb for group, what, verb in needed if not _may(bindings.api, namespace, group, what, verb)]
    except OpsError as error:
        yield Finding("bindings", Level.WARN, error.message, error.hint)
        return
    yield from judge_bound(bound) if bound else ()
    if lacking:
        words = f"may not {', '.join(lacking)} targetgroupbindings in {namespace}"
        yield Finding("bindings", Level.FAIL, words, MANUAL)


def _may(api: Api, namespace: str, group: str, what: str, verb: str) -> bool:
    resource, _, subresource = what.partition("/")
    asked = {"namespace": namespace, "group": group, "resource": resource, "subresource": subresource, "verb": verb}
    body = {
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SelfSubjectAccessReview",
        "spec": {"resourceAttributes": asked},
    }
    found = api.request("POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", body)
    return bool(found["status"]["allowed"])


def _tool(name: str, argv: tuple[str, ...], least: tuple[int, ...], remedy: str) -> Finding:
    try:
        finished = run(Command(argv, remedy=remedy), timeout=_TIMEOUT_S)
    except OpsError as error:
        return Finding(name, Level.FAIL, error.message, error.hint or remedy)
    return judge_version(name, finished.stdout or finished.stderr, least, remedy)
