"""One question for each shim behind modules secrets and database; see `moto_probes.py`."""

from __future__ import annotations

import itertools
from collections.abc import Callable

from moto_probes import Client

_KEY = "arn:aws:kms:us-west-2:123456789012:key/probe"
_numbers = itertools.count()


def secret_copy_keeps_its_key(client: Client) -> bool:
    name, copies = f"secret-{next(_numbers)}", [{"Region": "us-west-2", "KmsKeyId": _KEY}]
    client("secretsmanager").create_secret(Name=name, AddReplicaRegions=copies)
    found = client("secretsmanager").describe_secret(SecretId=name)["ReplicationStatus"]
    return [copy["KmsKeyId"] for copy in found] == [_KEY]


def pods_get_identities(client: Client) -> bool:
    eks, name = client("eks"), f"cluster-of-pods-{next(_numbers)}"
    subnets = [subnet["SubnetId"] for subnet in client("ec2").describe_subnets()["Subnets"][:2]]
    role = "arn:aws:iam::123456789012:role/probe"
    eks.create_cluster(name=name, roleArn=role, resourcesVpcConfig={"subnetIds": subnets})
    pod = {"clusterName": name, "namespace": "agents", "serviceAccount": "agent-blue", "roleArn": role}
    made = eks.create_pod_identity_association(**pod)["association"]
    names = {"clusterName": name, "associationId": made["associationId"]}
    found = eks.describe_pod_identity_association(**names)["association"]
    tags = eks.list_tags_for_resource(resourceArn=found["associationArn"])["tags"]
    eks.delete_pod_identity_association(**names)
    return bool(found["serviceAccount"] == "agent-blue" and tags == {})


def backups_are_copied_from_another_region(client: Client) -> bool:
    rds, source = client("rds"), "arn:aws:rds:us-west-2:123456789012:db:probe"
    made = rds.start_db_instance_automated_backups_replication(
        SourceDBInstanceArn=source, BackupRetentionPeriod=30, KmsKeyId=_KEY
    )
    names = {"DBInstanceAutomatedBackupsArn": made["DBInstanceAutomatedBackup"]["DBInstanceAutomatedBackupsArn"]}
    copy = rds.describe_db_instance_automated_backups(**names)["DBInstanceAutomatedBackups"][0]
    rds.stop_db_instance_automated_backups_replication(SourceDBInstanceArn=source)
    left = rds.describe_db_instance_automated_backups(**names)["DBInstanceAutomatedBackups"]
    return bool(
        (copy["BackupRetentionPeriod"], copy["KmsKeyId"], copy["Status"], left) == (30, _KEY, "replicating", [])
    )


def instances_remember_what_their_insights_are(client: Client) -> bool:
    names = {"DBInstanceIdentifier": "insights", "DBInstanceClass": "db.m7g.large", "Engine": "postgres"}
    login = {"MasterUsername": "postgres_admin", "ManageMasterUserPassword": True, "AllocatedStorage": 20}
    client("rds").create_db_instance(**names, **login, DatabaseInsightsMode="advanced")
    found = client("rds").describe_db_instances(DBInstanceIdentifier="insights")["DBInstances"][0]
    return bool(found["DatabaseInsightsMode"] == "advanced")


PROBES: list[Callable[[Client], bool]] = [
    secret_copy_keeps_its_key,
    pods_get_identities,
    backups_are_copied_from_another_region,
    instances_remember_what_their_insights_are,
]
