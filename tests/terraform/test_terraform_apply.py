"""The stack really applied, changed, forgotten, drifted and destroyed, by real Terraform with its real provider."""

from __future__ import annotations

import json
import re
import signal
import time

import pytest
from botocore.exceptions import ClientError
from terraform_stack import ENVIRONMENT, NAME, Stack

from opsctl.cli.infrastructure_page import modules, plan_only, resources
from opsctl.core.color import Color
from opsctl.core.downtime import Level, downtime
from opsctl.core.plan import Action, Change
from opsctl.core.plan_reading import from_show
from opsctl.tools.weights import colors_with_users

DATABASE = "module.database.aws_db_instance.this"
BUCKET = "agent-tfstate-123456789012-us-east-1"


def changes(stack: Stack) -> dict[str, Change]:
    """What `planned` has planned, by address and as opsctl reads it."""
    document = json.loads(stack.terraform("show", "-json", "test.plan"))
    return {change.address: change for change in from_show(document).changes}


def test_apply_leaves_nothing_to_change(applied: Stack) -> None:
    assert applied.planned() == {}


def test_all_of_it_was_applied_but_what_the_list_names(applied: Stack) -> None:
    """docs/infrastructure.md says what is really applied; this is why it may."""
    listed = applied.terraform("state", "list").splitlines()
    made = {
        re.sub(r"\[[^]]*\]", "", address)
        for address in listed
        if address.startswith("module.") and ".data." not in address
    }
    written = {address for module in modules() for address in resources(module)}
    assert written - made == {address for entry in plan_only() for address in entry.addresses}


def test_outputs_name_what_exists(applied: Stack) -> None:
    outputs = applied.outputs()
    cluster = applied.client("eks").describe_cluster(name=outputs["cluster"]["name"])["cluster"]
    instance = applied.client("rds").describe_db_instances()["DBInstances"][0]
    repository = applied.client("ecr").describe_repositories()["repositories"][0]
    subnets = applied.client("ec2").describe_subnets(SubnetIds=list(outputs["network"]["private_subnet_ids"].values()))
    assert outputs["cluster"]["endpoint"] == cluster["endpoint"]
    assert outputs["cluster"]["node_security_group_id"] == cluster["resourcesVpcConfig"]["clusterSecurityGroupId"]
    assert outputs["database"]["secret_arn"] == instance["MasterUserSecret"]["SecretArn"]
    group = applied.client("elasticache").describe_replication_groups()["ReplicationGroups"][0]
    assert outputs["cache"]["address"] == group["NodeGroups"][0]["PrimaryEndpoint"]["Address"]
    assert outputs["cache"]["reader_address"] == group["NodeGroups"][0]["ReaderEndpoint"]["Address"]
    secrets = applied.client("secretsmanager").list_secrets()["SecretList"]
    assert set(outputs["secrets"]["arns"].values()) == {each["ARN"] for each in secrets if "rds!" not in each["Name"]}
    assert outputs["registry"]["repository_url"] == repository["repositoryUri"]
    zones = {subnet["AvailabilityZone"]: subnet["CidrBlock"] for subnet in subnets["Subnets"]}
    assert zones == {"us-east-1a": "10.40.0.0/19", "us-east-1b": "10.40.32.0/19", "us-east-1c": "10.40.64.0/19"}


def test_both_colors_are_attached_and_blue_has_the_users(applied: Stack) -> None:
    edge = applied.outputs()["edge"]
    for service in ("api", "websocket"):
        rule = applied.client("elbv2").describe_rules(RuleArns=[edge["rule_arns"][service]])["Rules"][0]
        groups = rule["Actions"][0]["ForwardConfig"]["TargetGroups"]
        assert {group["TargetGroupArn"]: group["Weight"] for group in groups} == {
            edge["target_group_arns"][f"{service}-blue"]: 100,
            edge["target_group_arns"][f"{service}-green"]: 0,
        }


def test_users_come_by_cloudfront_and_its_web_acl(applied: Stack) -> None:
    edge = applied.outputs()["edge"]
    found = applied.client("cloudfront").get_distribution_config(Id=edge["distribution_id"])["DistributionConfig"]
    records = applied.client("route53").list_resource_record_sets(HostedZoneId=edge["zone_id"])["ResourceRecordSets"]
    targets = {item["Name"]: item["AliasTarget"]["DNSName"] for item in records if "AliasTarget" in item}
    assert found["WebACLId"] == edge["web_acl_arn"]
    assert sorted(found["Aliases"]["Items"]) == ["api.aiagentdevteam.com", "ws.aiagentdevteam.com"]
    assert targets["api.aiagentdevteam.com."].rstrip(".") == edge["distribution_domain"]
    balancer = applied.client("elbv2").describe_load_balancers(LoadBalancerArns=[edge["alb_arn"]])["LoadBalancers"][0]
    assert balancer["Scheme"] == "internal"


def test_weights_are_opsctls(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    """A release moves them; the next plan must not move users back."""
    for name, value in {"ENDPOINT_URL": stack.aws.url, "ACCESS_KEY_ID": "test", "SECRET_ACCESS_KEY": "test"}.items():
        monkeypatch.setenv(f"AWS_{name}", value)
    aws, edge = stack.render().aws, stack.outputs()["edge"]
    assert colors_with_users(aws, stack.folder, edge) == {Color.BLUE}
    weights = [
        {"TargetGroupArn": edge["target_group_arns"]["api-blue"], "Weight": 0},
        {"TargetGroupArn": edge["target_group_arns"]["api-green"], "Weight": 100},
    ]
    forward = {"Type": "forward", "Order": 1, "ForwardConfig": {"TargetGroups": weights}}
    stack.client("elbv2").modify_rule(RuleArn=edge["rule_arns"]["api"], Actions=[forward])
    assert stack.planned() == {}
    assert colors_with_users(aws, stack.folder, edge) == set(Color), "of one service on green, of the other on blue"


def test_state_is_encrypted_with_the_buckets_key(applied: Stack) -> None:
    s3 = applied.client("s3")
    rule = s3.get_bucket_encryption(Bucket=BUCKET)["ServerSideEncryptionConfiguration"]["Rules"][0]
    state = s3.head_object(Bucket=BUCKET, Key="test/terraform.tfstate")
    assert rule["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == "aws:kms"
    assert state["ServerSideEncryption"] == "aws:kms"
    assert state["SSEKMSKeyId"] == rule["ApplyServerSideEncryptionByDefault"]["KMSMasterKeyID"]


def test_state_bucket_is_closed_and_keeps_versions(applied: Stack) -> None:
    s3 = applied.client("s3")
    assert s3.get_bucket_versioning(Bucket=BUCKET)["Status"] == "Enabled"
    assert all(s3.get_public_access_block(Bucket=BUCKET)["PublicAccessBlockConfiguration"].values())
    assert "aws:SecureTransport" in s3.get_bucket_policy(Bucket=BUCKET)["Policy"]
    assert len(s3.list_object_versions(Bucket=BUCKET, Prefix="test/terraform.tfstate")["Versions"]) > 1


def test_state_bucket_cannot_be_destroyed_by_terraform(applied: Stack) -> None:
    bootstrap = applied.directory.parent / "bootstrap"
    assert "Instance cannot be destroyed" in applied.terraform("plan", "-destroy", ok=(1,), directory=bootstrap)


def test_default_security_group_allows_nothing(applied: Stack) -> None:
    named = [
        {"Name": "vpc-id", "Values": [applied.outputs()["network"]["vpc_id"]]},
        {"Name": "group-name", "Values": ["default"]},
    ]
    groups = applied.client("ec2").describe_security_groups(Filters=named)["SecurityGroups"]
    assert [(group["IpPermissions"], group["IpPermissionsEgress"]) for group in groups] == [([], [])]


def test_nobody_is_let_in_from_everywhere(applied: Stack) -> None:
    """But users, at the load balancer's HTTP and HTTPS."""
    ec2 = applied.client("ec2")
    groups = ec2.describe_security_groups(Filters=[{"Name": "tag:managed-by", "Values": ["opsctl"]}])["SecurityGroups"]
    names = {group["GroupId"]: group["GroupName"] for group in groups}
    rules = ec2.describe_security_group_rules(Filters=[{"Name": "group-id", "Values": list(names)}])
    opened = {
        (names[rule["GroupId"]], rule["FromPort"], rule["ToPort"])
        for rule in rules["SecurityGroupRules"]
        if not rule["IsEgress"] and {"0.0.0.0/0", "::/0"} & {rule.get("CidrIpv4"), rule.get("CidrIpv6")}
    }
    assert names
    assert opened <= {(f"{NAME}-alb", port, port) for port in (80, 443)}


def test_the_account_is_watched(applied: Stack) -> None:
    trail = applied.client("cloudtrail").get_trail_status(Name=applied.outputs()["security"]["trail_arn"])
    recorders = applied.client("config").describe_configuration_recorder_status()["ConfigurationRecordersStatus"]
    lock = applied.client("s3").get_object_lock_configuration(Bucket=applied.outputs()["security"]["audit_bucket"])
    assert trail["IsLogging"]
    assert [recorder["recording"] for recorder in recorders] == [True]
    retention = lock["ObjectLockConfiguration"]["Rule"]["DefaultRetention"]
    assert (retention["Mode"], retention["Days"]) == ("GOVERNANCE", 30)


def test_logs_are_shipped_into_the_groups_that_are_there(applied: Stack) -> None:
    names = {"clusterName": NAME, "addonName": "amazon-cloudwatch-observability"}
    settings = applied.client("eks").describe_addon(**names)["addon"]["configurationValues"]
    groups = applied.client("logs").describe_log_groups(logGroupNamePrefix="/aws/containerinsights/")["logGroups"]
    there = {group["logGroupName"]: (group["retentionInDays"], "kmsKeyId" in group) for group in groups}
    assert set(re.findall(r"log_group_name +([\w/-]+)", settings)) == set(there)
    assert set(there) == set(applied.outputs()["observability"]["log_group_names"].values())
    assert set(there.values()) == {(90, True)}


def test_users_way_in_is_tried_from_outside(applied: Stack) -> None:
    [probe] = applied.client("route53").list_health_checks()["HealthChecks"]
    [alarm] = applied.client("cloudwatch").describe_alarms(AlarmNames=[f"{NAME}-outside"])["MetricAlarms"]
    asked = probe["HealthCheckConfig"]
    assert (asked["Type"], asked["FullyQualifiedDomainName"]) == ("HTTPS", "api.aiagentdevteam.com")
    assert alarm["Dimensions"] == [{"Name": "HealthCheckId", "Value": probe["Id"]}]
    assert applied.outputs()["observability"]["topic_arns"]["page"] in alarm["AlarmActions"]


def test_backups_are_in_two_regions(applied: Stack) -> None:
    vaults = applied.outputs()["backup"]
    plan = applied.client("backup").list_backup_plans()["BackupPlansList"][0]["BackupPlanId"]
    rule = applied.client("backup").get_backup_plan(BackupPlanId=plan)["BackupPlan"]["Rules"][0]
    assert rule["TargetBackupVaultName"] == vaults["vault_name"]
    assert [copy["DestinationBackupVaultArn"] for copy in rule["CopyActions"]] == [vaults["copy_vault_arn"]]
    assert ":us-west-2:" in vaults["copy_vault_arn"]


def test_everything_is_tagged(applied: Stack) -> None:
    expected = {"owner": "platform", "application": "agent", "environment": "test", "managed-by": "opsctl"}
    cluster = applied.client("eks").describe_cluster(name=NAME)["cluster"]["tags"]
    versions = applied.client("ec2").describe_launch_template_versions(LaunchTemplateName=f"{NAME}-node")
    specifications = versions["LaunchTemplateVersions"][0]["LaunchTemplateData"]["TagSpecifications"]
    assert cluster == expected
    assert {spec["ResourceType"] for spec in specifications} == {"instance", "volume"}
    for spec in specifications:
        assert {tag["Key"]: tag["Value"] for tag in spec["Tags"]} == expected | {"Name": f"{NAME}-node"}


def test_deployers_reach_their_namespace_only(applied: Stack) -> None:
    eks = applied.client("eks")
    admin = ENVIRONMENT["cluster"]["admin_role_arns"][0]
    deployer = ENVIRONMENT["cluster"]["deployer_role_arns"][0]
    scopes = {
        role: eks.list_associated_access_policies(clusterName=NAME, principalArn=role)["associatedAccessPolicies"][0]
        for role in (admin, deployer)
    }
    assert scopes[deployer]["accessScope"] == {"type": "namespace", "namespaces": ["agents"]}
    assert scopes[deployer]["policyArn"].endswith("/AmazonEKSEditPolicy")
    assert scopes[admin]["accessScope"]["type"] == "cluster"
    assert eks.describe_access_entry(clusterName=NAME, principalArn=deployer)["accessEntry"]["kubernetesGroups"]


def test_nothing_to_change_after_kill_9_right_after_apply(stack: Stack) -> None:
    stack.settings["registry"] = {"keep_images": 7}
    stack.apply()
    assert stack.aws.end(signal.SIGKILL) == -signal.SIGKILL
    stack.aws.start()
    assert stack.planned() == {}
    policy = stack.client("ecr").get_lifecycle_policy(repositoryName=NAME)["lifecyclePolicyText"]
    assert '"countNumber":7' in policy.replace(" ", "")


def test_drift_by_hand_is_found(stack: Stack) -> None:
    stack.client("ecr").put_image_tag_mutability(repositoryName=NAME, imageTagMutability="MUTABLE")
    group = stack.outputs()["database"]["security_group_id"]
    rules = stack.client("ec2").describe_security_group_rules(Filters=[{"Name": "group-id", "Values": [group]}])
    ingress = [rule["SecurityGroupRuleId"] for rule in rules["SecurityGroupRules"] if not rule["IsEgress"]]
    stack.client("ec2").revoke_security_group_ingress(GroupId=group, SecurityGroupRuleIds=ingress)
    stack.client("eks").delete_addon(clusterName=NAME, addonName="coredns")
    assert stack.planned() == {
        "module.registry.aws_ecr_repository.this[0]": ["update"],
        "module.database.aws_vpc_security_group_ingress_rule.postgresql": ["create"],
        'module.cluster.aws_eks_addon.after_nodes["coredns"]': ["create"],
    }


def test_a_changed_environment_settles(stack: Stack) -> None:
    """Most keys at once; none may be replaced that holds data or traffic, and nothing may be left to change."""
    stack.settings["aws"]["tags"] = {"owner": "operations", "cost-center": "7"}
    stack.settings["network"] |= {"nat": "single", "endpoints": "private", "peered_cidrs": [], "flow_log_days": 60}
    stack.settings["cluster"] |= {"version": "1.36", "access": "in_vpc", "public_access_cidrs": [], "log_days": 90}
    stack.settings["cluster"] |= {"support": "extended", "autoscaling": "none", "addon_versions": {}}
    stack.settings["cluster"]["admin_role_arns"] = ["arn:aws:iam::123456789012:role/breakglass"]
    stack.settings["cluster"]["nodes"] = {"min": 4, "disk_gb": 80, "log_files": 3}
    stack.settings["registry"] = {"keep_images": 30}
    stack.settings["database"] |= {"insights": "advanced", "backup_window": "01:00-02:00"}
    stack.settings["database"] |= {"maintenance_window": "mon:02:30-mon:03:30"}
    stack.settings["cache"] = {"replicas": 1, "snapshot_days": 3, "maxmemory_policy": "noeviction"}
    stack.settings["secrets"] = {"names": ["another-key"], "replicate": False, "rotation_days": 0}
    stack.settings["edge"] |= {"log_days": 90, "waf": {"mode": "block", "requests_per_minute_per_ip": 2000}}
    stack.settings["edge"]["alb"] |= {"idle_timeout": 120, "client_keep_alive": 1800}
    stack.settings["edge"]["cloudfront"] |= {"origin_timeout": 30, "price_class": "PriceClass_All"}
    stack.settings["services"] = {"api": {"health_path": "/ready"}, "websocket": {"port": 8081}}
    stack.render()
    replaced = {address for address, actions in stack.planned().items() if len(actions) > 1}
    assert replaced == {"module.registry.aws_ecr_lifecycle_policy.this[0]"}
    database = changes(stack)[DATABASE]
    assert {"database_insights_mode", "backup_window", "maintenance_window"} <= {d.path for d in database.differences}
    assert (database.action, downtime(database).level) == (Action.CHANGE, Level.NONE)
    stack.apply()
    assert stack.planned() == {}
    cluster = stack.client("eks").describe_cluster(name=NAME)["cluster"]
    assert cluster["version"] == "1.36"
    assert cluster["tags"]["cost-center"] == "7"
    assert not cluster["resourcesVpcConfig"]["endpointPublicAccess"]
    instance = stack.client("rds").describe_db_instances()["DBInstances"][0]
    assert (instance["DatabaseInsightsMode"], instance["PerformanceInsightsRetentionPeriod"]) == ("advanced", 465)
    assert instance["PreferredBackupWindow"] == "01:00-02:00"
    assert instance["PreferredMaintenanceWindow"] == "mon:02:30-mon:03:30"
    assert len(stack.outputs()["network"]["nat_addresses"]) == 1


def test_another_account_is_refused(stack: Stack) -> None:
    variables = stack.directory / "terraform.tfvars.json"
    variables.write_text(variables.read_text().replace("123456789012", "210987654321"))
    assert "AWS account ID not allowed" in stack.terraform("plan", ok=(1,))


def test_destroy_leaves_the_last_snapshot_and_the_state_bucket(stack: Stack) -> None:
    vpc = stack.outputs()["network"]["vpc_id"]
    started = time.monotonic()
    stack.terraform("destroy", "-auto-approve")
    print(f"destroy took {time.monotonic() - started:.0f} s")
    assert stack.client("eks").list_clusters()["clusters"] == []
    assert stack.client("rds").describe_db_instances()["DBInstances"] == []
    assert stack.client("ecr").describe_repositories()["repositories"] == []
    with pytest.raises(ClientError, match=r"InvalidVpcID\.NotFound"):
        stack.client("ec2").describe_vpcs(VpcIds=[vpc])
    snapshots = [item["DBSnapshotIdentifier"] for item in stack.client("rds").describe_db_snapshots()["DBSnapshots"]]
    assert [name for name in snapshots if name.startswith(f"{NAME}-final-")]
    assert stack.client("s3").head_bucket(Bucket=BUCKET)
