"""One question for each shim, asked of stock moto and of ours: is AWS's behaviour there?

A probe makes what it needs and returns whether the answer is right. It may raise where an operation is missing.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from typing import Any

Client = Callable[[str], Any]

_ROLE = "arn:aws:iam::123456789012:role/probe"
_numbers = itertools.count()


def _fresh(prefix: str) -> str:
    return f"{prefix}-{next(_numbers)}"


def _cluster(client: Client, **settings: Any) -> dict[str, Any]:
    """A cluster in two subnets of the default VPC."""
    subnets = [subnet["SubnetId"] for subnet in client("ec2").describe_subnets()["Subnets"][:2]]
    vpc = {"subnetIds": subnets, "endpointPublicAccess": False, "endpointPrivateAccess": True}
    name = _fresh("cluster")
    client("eks").create_cluster(name=name, roleArn=_ROLE, version="1.35", resourcesVpcConfig=vpc, **settings)
    found: dict[str, Any] = client("eks").describe_cluster(name=name)["cluster"]
    return found


def _node_group(client: Client, **settings: Any) -> dict[str, Any]:
    cluster = _cluster(client)
    names = {"clusterName": cluster["name"], "nodegroupName": "nodes"}
    subnets = cluster["resourcesVpcConfig"]["subnetIds"]
    client("eks").create_nodegroup(**names, nodeRole=_ROLE, subnets=subnets, version="1.35", **settings)
    found: dict[str, Any] = client("eks").describe_nodegroup(**names)["nodegroup"]
    return found


def _template(client: Client) -> str:
    tags = [{"ResourceType": "launch-template", "Tags": [{"Key": "owner", "Value": "first"}]}]
    data = {"InstanceType": "m7g.large"}
    answer = client("ec2").create_launch_template(
        LaunchTemplateName=_fresh("template"), LaunchTemplateData=data, TagSpecifications=tags
    )
    identity: str = answer["LaunchTemplate"]["LaunchTemplateId"]
    return identity


def _instance(client: Client, **settings: Any) -> dict[str, Any]:
    names = {"DBInstanceIdentifier": _fresh("db"), "DBInstanceClass": "db.m7g.large", "Engine": "postgres"}
    login = {"MasterUsername": "postgres_admin", "ManageMasterUserPassword": True, "AllocatedStorage": 20}
    client("rds").create_db_instance(**names, **login, **settings)
    identity = names["DBInstanceIdentifier"]
    found: dict[str, Any] = client("rds").describe_db_instances(DBInstanceIdentifier=identity)["DBInstances"][0]
    return found


def ec2_template_data_is_free_of_own_tags(client: Client) -> bool:
    versions = client("ec2").describe_launch_template_versions(LaunchTemplateId=_template(client))
    return not versions["LaunchTemplateVersions"][0]["LaunchTemplateData"].get("TagSpecifications")


def ec2_template_shows_changed_tags(client: Client) -> bool:
    template = _template(client)
    client("ec2").create_tags(Resources=[template], Tags=[{"Key": "owner", "Value": "second"}])
    found = client("ec2").describe_launch_templates(LaunchTemplateIds=[template])["LaunchTemplates"][0]
    return bool(found["Tags"] == [{"Key": "owner", "Value": "second"}])


def ec2_rule_for_a_group_keeps_its_description(client: Client) -> bool:
    ec2 = client("ec2")
    group = ec2.create_security_group(GroupName=_fresh("group"), Description="probe")["GroupId"]
    pair = {"GroupId": group, "Description": "why"}
    permission = {"IpProtocol": "tcp", "FromPort": 1, "ToPort": 1, "UserIdGroupPairs": [pair]}
    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[permission])
    rules = ec2.describe_security_group_rules(Filters=[{"Name": "group-id", "Values": [group]}])["SecurityGroupRules"]
    return [rule.get("Description") for rule in rules if not rule["IsEgress"]] == ["why"]


def eks_cluster_remembers_how_it_was_made(client: Client) -> bool:
    access = {"authenticationMode": "API", "bootstrapClusterCreatorAdminPermissions": False}
    sent = {"accessConfig": access, "upgradePolicy": {"supportType": "STANDARD"}, "zonalShiftConfig": {"enabled": True}}
    cluster = _cluster(client, **sent)
    return {member: cluster.get(member) for member in sent} == sent


def eks_cluster_has_a_security_group(client: Client) -> bool:
    group = _cluster(client)["resourcesVpcConfig"]["clusterSecurityGroupId"]
    return len(client("ec2").describe_security_groups(GroupIds=[group])["SecurityGroups"]) == 1


def eks_cluster_update_keeps_its_subnets(client: Client) -> bool:
    before = _cluster(client)
    change = {"endpointPublicAccess": True, "publicAccessCidrs": ["203.0.113.0/24"]}
    answer = client("eks").update_cluster_config(name=before["name"], resourcesVpcConfig=change)
    after = client("eks").describe_cluster(name=before["name"])["cluster"]["resourcesVpcConfig"]
    kept = after["subnetIds"] == before["resourcesVpcConfig"]["subnetIds"]
    return bool(
        answer["update"]["status"] == "Successful" and kept and after["publicAccessCidrs"] == ["203.0.113.0/24"]
    )


def eks_cluster_version_can_be_raised(client: Client) -> bool:
    name = _cluster(client)["name"]
    update = client("eks").update_cluster_version(name=name, version="1.36")["update"]["id"]
    done = client("eks").describe_update(name=name, updateId=update)["update"]["status"]
    return bool(done == "Successful" and client("eks").describe_cluster(name=name)["cluster"]["version"] == "1.36")


def eks_node_group_remembers_how_it_was_made(client: Client) -> bool:
    sent = {"updateConfig": {"maxUnavailablePercentage": 33}, "nodeRepairConfig": {"enabled": True}}
    group = _node_group(client, **sent)
    return {member: group.get(member) for member in sent} == sent and not group.get("remoteAccess")


def eks_node_group_version_can_be_raised(client: Client) -> bool:
    group = _node_group(client)
    names = {"clusterName": group["clusterName"], "nodegroupName": group["nodegroupName"]}
    client("eks").update_nodegroup_version(**names, version="1.36")
    return bool(client("eks").describe_nodegroup(**names)["nodegroup"]["version"] == "1.36")


def eks_node_group_tags_change(client: Client) -> bool:
    group = _node_group(client)
    client("eks").tag_resource(resourceArn=group["nodegroupArn"], tags={"owner": "second", "gone": "soon"})
    client("eks").untag_resource(resourceArn=group["nodegroupArn"], tagKeys=["gone"])
    return bool(client("eks").list_tags_for_resource(resourceArn=group["nodegroupArn"])["tags"] == {"owner": "second"})


def eks_has_add_ons(client: Client) -> bool:
    names = {"clusterName": _cluster(client)["name"], "addonName": "coredns"}
    client("eks").create_addon(**names, tags={"owner": "probe"})
    client("eks").update_addon(**names, configurationValues='{"replicaCount":3}')
    addon = client("eks").describe_addon(**names)["addon"]
    client("eks").delete_addon(**names)
    return bool(addon["status"] == "ACTIVE" and addon["configurationValues"] == '{"replicaCount":3}')


def eks_has_access_entries(client: Client) -> bool:
    names = {"clusterName": _cluster(client)["name"], "principalArn": _ROLE}
    client("eks").create_access_entry(**names, kubernetesGroups=["deployers"])
    entry = client("eks").describe_access_entry(**names)["accessEntry"]
    client("eks").delete_access_entry(**names)
    return bool(entry["kubernetesGroups"] == ["deployers"] and entry["type"] == "STANDARD")


def eks_has_access_policies(client: Client) -> bool:
    names = {"clusterName": _cluster(client)["name"], "principalArn": _ROLE}
    policy = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSEditPolicy"
    scope = {"type": "namespace", "namespaces": ["agents"]}
    client("eks").create_access_entry(**names)
    client("eks").associate_access_policy(**names, policyArn=policy, accessScope=scope)
    found = client("eks").list_associated_access_policies(**names)["associatedAccessPolicies"]
    client("eks").disassociate_access_policy(**names, policyArn=policy)
    left = client("eks").list_associated_access_policies(**names)["associatedAccessPolicies"]
    return [(item["policyArn"], item["accessScope"]) for item in found] == [(policy, scope)] and left == []


def rds_instances_have_ids_of_their_own(client: Client) -> bool:
    return bool(_instance(client)["DbiResourceId"] != _instance(client)["DbiResourceId"])


def rds_remembers_performance_insights(client: Client) -> bool:
    instance = _instance(client, EnablePerformanceInsights=True, PerformanceInsightsRetentionPeriod=7)
    return bool(instance["PerformanceInsightsEnabled"] and instance["PerformanceInsightsRetentionPeriod"] == 7)


def rds_parameters_name_their_source(client: Client) -> bool:
    name = {"DBParameterGroupName": _fresh("parameters")}
    client("rds").create_db_parameter_group(**name, DBParameterGroupFamily="postgres17", Description="probe")
    forced = {"ParameterName": "rds.force_ssl", "ParameterValue": "1", "ApplyMethod": "immediate"}
    client("rds").modify_db_parameter_group(**name, Parameters=[forced])
    found = client("rds").describe_db_parameters(**name, Source="user")["Parameters"]
    return [parameter.get("Source") for parameter in found] == ["user"]


def s3_condition_limits_a_deny(client: Client) -> bool:
    bucket = _fresh("probe-bucket")
    client("s3").create_bucket(Bucket=bucket)
    condition = {"StringEquals": {"aws:PrincipalOrgID": "o-somebody-elses"}}
    statement = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": f"arn:aws:s3:::{bucket}/*"}
    policy = {"Version": "2012-10-17", "Statement": [statement | {"Condition": condition}]}
    client("s3").put_bucket_policy(Bucket=bucket, Policy=json.dumps(policy))
    client("s3").put_object(Bucket=bucket, Key="state", Body=b"{}")
    return True


PROBES: list[Callable[[Client], bool]] = [
    probe for name, probe in list(globals().items()) if name.startswith(("ec2_", "eks_", "rds_", "s3_"))
]
