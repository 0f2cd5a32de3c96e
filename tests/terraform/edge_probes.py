"""Questions as in moto_probes.py, about what is in front of the cluster."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

Client = Callable[[str], Any]

_numbers = itertools.count()


def _fresh(prefix: str) -> str:
    return f"{prefix}-{next(_numbers)}"


def _distribution(origin: str) -> dict[str, Any]:
    """What Terraform sends, in small."""
    behaviour = {"TargetOriginId": "alb", "ViewerProtocolPolicy": "https-only", "CachePolicyId": "policy"}
    private = {"VpcOriginId": origin, "OriginReadTimeout": 60, "OriginKeepaliveTimeout": 60}
    item = {"Id": "alb", "DomainName": "origin.example.com", "VpcOriginConfig": private}
    settings = {"Comment": "probe", "Enabled": True, "HttpVersion": "http2and3", "CallerReference": _fresh("caller")}
    return settings | {"Origins": {"Quantity": 1, "Items": [item]}, "DefaultCacheBehavior": behaviour}


def cloudfront_distribution_is_remembered_as_sent(client: Client) -> bool:
    sent = _distribution("vo_1")
    made = client("cloudfront").create_distribution(DistributionConfig=sent)["Distribution"]["Id"]
    found = client("cloudfront").get_distribution_config(Id=made)["DistributionConfig"]
    origin, behaviour = found["Origins"]["Items"][0], found["DefaultCacheBehavior"]
    return bool(
        origin.get("VpcOriginConfig") == sent["Origins"]["Items"][0]["VpcOriginConfig"]
        and found["HttpVersion"] == "http2and3"
        and "ForwardedValues" not in behaviour
    )


def cloudfront_has_vpc_origins(client: Client) -> bool:
    cloudfront = client("cloudfront")
    settings = {"Name": _fresh("origin"), "Arn": "arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/a"}
    config = settings | {"HTTPPort": 80, "HTTPSPort": 443, "OriginProtocolPolicy": "https-only"}
    tags = {"Items": [{"Key": "owner", "Value": "probe"}]}
    made = cloudfront.create_vpc_origin(VpcOriginEndpointConfig=config, Tags=tags)
    identity, arn = made["VpcOrigin"]["Id"], made["VpcOrigin"]["Arn"]
    tagged = cloudfront.list_tags_for_resource(Resource=arn)["Tags"]
    changed = cloudfront.update_vpc_origin(
        VpcOriginEndpointConfig=config | {"OriginProtocolPolicy": "match-viewer"}, Id=identity, IfMatch=made["ETag"]
    )
    found = cloudfront.get_vpc_origin(Id=identity)["VpcOrigin"]
    cloudfront.delete_vpc_origin(Id=identity, IfMatch=changed["ETag"])
    policy = found["VpcOriginEndpointConfig"]["OriginProtocolPolicy"]
    return bool(tagged == tags and policy == "match-viewer" and found["Status"] == "Deployed")


def cloudfront_has_response_headers_policies(client: Client) -> bool:
    cloudfront = client("cloudfront")
    removed = {"RemoveHeadersConfig": {"Quantity": 1, "Items": [{"Header": "Server"}]}}
    config = {"Name": _fresh("policy")} | removed
    made = cloudfront.create_response_headers_policy(ResponseHeadersPolicyConfig=config)
    identity = made["ResponseHeadersPolicy"]["Id"]
    found = cloudfront.get_response_headers_policy(Id=identity)["ResponseHeadersPolicy"]["ResponseHeadersPolicyConfig"]
    cloudfront.delete_response_headers_policy(Id=identity, IfMatch=made["ETag"])
    return bool(found["Name"] == config["Name"] and found["RemoveHeadersConfig"] == removed["RemoveHeadersConfig"])


def ec2_rule_for_a_prefix_list_keeps_its_description(client: Client) -> bool:
    ec2 = client("ec2")
    group = ec2.create_security_group(GroupName=_fresh("for-prefix-list"), Description="probe")["GroupId"]
    prefixes = ec2.describe_managed_prefix_lists()["PrefixLists"][0]["PrefixListId"]
    lists = [{"PrefixListId": prefixes, "Description": "why"}]
    permission = {"IpProtocol": "tcp", "FromPort": 1, "ToPort": 1, "PrefixListIds": lists}
    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[permission])
    rules = ec2.describe_security_group_rules(Filters=[{"Name": "group-id", "Values": [group]}])["SecurityGroupRules"]
    return [rule.get("Description") for rule in rules if not rule["IsEgress"]] == ["why"]


PROBES: list[Callable[[Client], bool]] = [
    cloudfront_distribution_is_remembered_as_sent,
    cloudfront_has_vpc_origins,
    cloudfront_has_response_headers_policies,
    ec2_rule_for_a_prefix_list_keeps_its_description,
]
