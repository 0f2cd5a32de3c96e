"""Asking AWS for what a pre-flight wants to know, all at once: each question has a thread and may fail by itself."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from opsctl.core.checkup import Finding
from opsctl.core.derive import resource_prefix
from opsctl.core.environment import Environment
from opsctl.core.plan import PlanSummary
from opsctl.core.preflight.facts import CODES, Certificate, Credentials, Facts, Quota, Vpc
from opsctl.core.preflight.judge import judge, named_certificates
from opsctl.core.preflight.needs import needs_of_all, needs_of_plan
from opsctl.tools.aws import Clients

_DEADLINE_S = 10.0
_STANDARD = tuple("acdhimrtz")  # families that the quota of standard on-demand processors counts


@dataclass
class AwsPreflight:
    """`begin` starts the questions, so that they are answered while Terraform plans."""

    environment: Environment
    project: Path
    _asked: dict[str, Future[Any]] = field(default_factory=dict)

    def begin(self) -> None:
        if self._asked:
            return
        pool = ThreadPoolExecutor(max_workers=8)
        clients = Clients(self.environment.aws, self.project)
        arns = tuple(named_certificates(self.environment).values())
        self._asked["certificates"] = pool.submit(_certificates, clients, arns)
        for name, question in _QUESTIONS.items():
            self._asked[name] = pool.submit(question, clients)
        pool.shutdown(wait=False)

    def findings(self, summary: PlanSummary) -> Sequence[Finding]:
        return judge(self.environment, needs_of_plan(summary, self.environment), self._facts(), time.time())

    def findings_without_plan(self) -> Sequence[Finding]:
        """For a look from outside: all that the environment wants, unless its VPC is there already."""
        facts = self._facts()
        there = any(vpc.name == resource_prefix(self.environment) for vpc in facts.vpcs or ())
        needs = needs_of_plan(PlanSummary(), self.environment) if there else needs_of_all(self.environment)
        return judge(self.environment, needs, facts, time.time())

    def _facts(self) -> Facts:
        self.begin()
        wait(self._asked.values(), timeout=_DEADLINE_S)
        answers, why = dict[str, Any](), dict[str, str]()
        for name, future in self._asked.items():
            if not future.done():
                why[name] = f"AWS gave no answer within {_DEADLINE_S:.0f} s"
            elif (error := future.exception()) is not None:
                why[name] = _reason(error)
            else:
                answers[name] = future.result()
        limits = {quota: answers.pop(quota.name) for quota in Quota if quota.name in answers}
        return Facts(**answers, limits=limits, why=why)


def _reason(error: BaseException) -> str:
    from botocore.exceptions import ClientError

    if isinstance(error, ClientError):
        return f"AWS refused {error.operation_name}: {error.response.get('Error', {}).get('Code', 'no code')}"
    return str(error)[:160]


def _credentials(ask: Clients) -> Credentials:
    found = ask.session.get_credentials()
    if found is None:
        raise LookupError("there are none: aws.profile, or the usual variables")
    expires = getattr(found, "_expiry_time", None)
    if expires is not None:
        renewed = found.method not in ("custom-process", "sso", "login")
        return Credentials(temporary=True, renewed=renewed, expires=expires.timestamp())
    told = os.environ.get("AWS_CREDENTIAL_EXPIRATION") if found.method == "env" else None
    until = datetime.fromisoformat(told.replace("Z", "+00:00")).timestamp() if told else None
    return Credentials(temporary=found.token is not None, expires=until)


def _vpcs(ask: Clients) -> tuple[Vpc, ...]:
    pages = ask("ec2").get_paginator("describe_vpcs").paginate()
    return tuple(_vpc(found) for page in pages for found in page["Vpcs"])


def _vpc(found: Mapping[str, Any]) -> Vpc:
    ranges = [each["CidrBlock"] for each in found.get("CidrBlockAssociationSet", ())] or [found["CidrBlock"]]
    name = next((tag["Value"] for tag in found.get("Tags", ()) if tag["Key"] == "Name"), "")
    return Vpc(found["VpcId"], name, tuple(ranges))


def _peers(ask: Clients) -> tuple[str, ...]:
    """Ranges on the far side of peerings; networks of this account are among the VPCs anyway."""
    found = ask("ec2").describe_vpc_peering_connections()["VpcPeeringConnections"]
    sides = [peering[side] for peering in found for side in ("AccepterVpcInfo", "RequesterVpcInfo")]
    foreign = [side for side in sides if side.get("OwnerId") != ask.aws.account_id]
    return tuple(side["CidrBlock"] for side in foreign if "CidrBlock" in side)


def _addresses(ask: Clients) -> int:
    return len(ask("ec2").describe_addresses()["Addresses"])


def _processors(ask: Clients) -> int:
    running = [{"Name": "instance-state-name", "Values": ["pending", "running"]}]
    pages = ask("ec2").get_paginator("describe_instances").paginate(Filters=running)
    instances = (each for page in pages for reservation in page["Reservations"] for each in reservation["Instances"])
    counted = (each for each in instances if each["InstanceType"].startswith(_STANDARD) and _on_demand(each))
    return sum(each["CpuOptions"]["CoreCount"] * each["CpuOptions"]["ThreadsPerCore"] for each in counted)


def _on_demand(instance: Mapping[str, Any]) -> bool:
    return "InstanceLifecycle" not in instance


def _roles(ask: Clients) -> frozenset[str]:
    """Whose they are, such as rds.amazonaws.com; it stands in the path."""
    pages = ask("iam").get_paginator("list_roles").paginate(PathPrefix="/aws-service-role/")
    return frozenset(role["Path"].split("/")[2] for page in pages for role in page["Roles"])


def _certificates(ask: Clients, arns: Sequence[str]) -> dict[str, Certificate]:
    return {arn: _certificate(ask("acm", region=arn.split(":")[3]), arn) for arn in arns}


def _certificate(acm: Any, arn: str) -> Certificate:
    try:
        found = acm.describe_certificate(CertificateArn=arn)["Certificate"]
    except acm.exceptions.ResourceNotFoundException:
        return Certificate("NOT FOUND")
    ends = found.get("NotAfter")
    return Certificate(found["Status"], ends.timestamp() if ends else None)


def _limit(quota: Quota) -> Callable[[Clients], float]:
    def limit(ask: Clients) -> float:
        service, code = CODES[quota]
        found = ask("service-quotas").get_service_quota(ServiceCode=service, QuotaCode=code)
        return float(found["Quota"]["Value"])

    return limit


_QUESTIONS: Mapping[str, Callable[[Clients], Any]] = {
    "credentials": _credentials,
    "vpcs": _vpcs,
    "peers": _peers,
    "addresses": _addresses,
    "processors": _processors,
    "roles": _roles,
    **{quota.name: _limit(quota) for quota in Quota},
}
