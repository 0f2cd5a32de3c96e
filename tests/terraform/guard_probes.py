"""Questions about AWS's guards (backup, audit, findings), asked of stock moto and of ours; see `moto_probes`."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

from moto_probes import Client

_numbers = itertools.count()
_ROLE = "arn:aws:iam::123456789012:role/probe"
_DATABASE = "arn:aws:rds:us-east-1:123456789012:db:probe"


def _fresh(prefix: str) -> str:
    return f"{prefix}-guard-{next(_numbers)}"


def _vault(client: Client) -> dict[str, Any]:
    names = {"BackupVaultName": _fresh("vault"), "BackupVaultTags": {"a": "b"}}
    made: dict[str, Any] = client("backup").create_backup_vault(**names)
    return made


def _plan(name: str, keep_days: int = 7) -> dict[str, Any]:
    """A plan as it is sent."""
    rule = {"RuleName": "daily", "TargetBackupVaultName": "vault", "Lifecycle": {"DeleteAfterDays": keep_days}}
    return {"BackupPlanName": name, "Rules": [rule]}


def backup_has_selections(client: Client) -> bool:
    backup = client("backup")
    plan = backup.create_backup_plan(BackupPlan=_plan(_fresh("plan")))["BackupPlanId"]
    wanted = {"SelectionName": "data", "IamRoleArn": _ROLE, "Resources": [_DATABASE]}
    made = backup.create_backup_selection(BackupPlanId=plan, BackupSelection=wanted)["SelectionId"]
    found = backup.get_backup_selection(BackupPlanId=plan, SelectionId=made)["BackupSelection"]
    backup.delete_backup_selection(BackupPlanId=plan, SelectionId=made)
    return bool(found == wanted)


def backup_plans_change(client: Client) -> bool:
    backup, name = client("backup"), _fresh("plan")
    plan = backup.create_backup_plan(BackupPlan=_plan(name))["BackupPlanId"]
    backup.update_backup_plan(BackupPlanId=plan, BackupPlan=_plan(name, keep_days=9))
    rule = backup.get_backup_plan(BackupPlanId=plan)["BackupPlan"]["Rules"][0]
    return bool(rule["Lifecycle"] == {"DeleteAfterDays": 9})


def backup_names_of_deleted_plans_are_free(client: Client) -> bool:
    backup, name = client("backup"), _fresh("plan")
    plan = backup.create_backup_plan(BackupPlan=_plan(name))["BackupPlanId"]
    backup.delete_backup_plan(BackupPlanId=plan)
    return bool(backup.create_backup_plan(BackupPlan=_plan(name))["BackupPlanId"] != plan)


def backup_tests_restores(client: Client) -> bool:
    backup, name = client("backup"), _fresh("tests").replace("-", "_")
    names = {"RestoreTestingPlanName": name, "RestoreTestingSelectionName": "database"}
    choice = {"Algorithm": "LATEST_WITHIN_WINDOW", "IncludeVaults": ["*"], "RecoveryPointTypes": ["SNAPSHOT"]}
    plan = {"RestoreTestingPlanName": name, "ScheduleExpression": "cron(0 9 1 * ? *)", "RecoveryPointSelection": choice}
    selection = {"RestoreTestingSelectionName": "database", "ProtectedResourceType": "RDS", "IamRoleArn": _ROLE}
    backup.create_restore_testing_plan(RestoreTestingPlan=plan)
    backup.create_restore_testing_selection(RestoreTestingPlanName=name, RestoreTestingSelection=selection)
    found = backup.get_restore_testing_selection(**names)["RestoreTestingSelection"]
    backup.delete_restore_testing_selection(**names)
    backup.delete_restore_testing_plan(RestoreTestingPlanName=name)
    return bool(found["ProtectedResourceType"] == "RDS")


def backup_tags_are_read(client: Client) -> bool:
    """Asked as Terraform does: boto3 ends the path with a slash."""
    arn, backup = _vault(client)["BackupVaultArn"], client("backup")
    backup.meta.events.register("before-send.backup.ListTags", _without_last_slash)
    return bool(backup.list_tags(ResourceArn=arn)["Tags"] == {"a": "b"})


def _without_last_slash(request: Any, **_: Any) -> None:
    request.url = request.url.rstrip("/")


def guardduty_features_are_kept_beside_each_other(client: Client) -> bool:
    guardduty = client("guardduty")
    detector = guardduty.create_detector(Enable=True)["DetectorId"]
    for name in ("S3_DATA_EVENTS", "RDS_LOGIN_EVENTS"):
        guardduty.update_detector(DetectorId=detector, Features=[{"Name": name, "Status": "ENABLED"}])
    found = guardduty.get_detector(DetectorId=detector)["Features"]
    guardduty.delete_detector(DetectorId=detector)
    return {each["Name"] for each in found} == {"S3_DATA_EVENTS", "RDS_LOGIN_EVENTS"}


def guardduty_tags_change(client: Client) -> bool:
    guardduty = client("guardduty")
    detector = guardduty.create_detector(Enable=True, Tags={"owner": "first", "gone": "soon"})["DetectorId"]
    arn = f"arn:aws:guardduty:us-east-1:123456789012:detector/{detector}"
    guardduty.tag_resource(ResourceArn=arn, Tags={"owner": "second"})
    guardduty.untag_resource(ResourceArn=arn, TagKeys=["gone"])
    found = guardduty.get_detector(DetectorId=detector)["Tags"]
    guardduty.delete_detector(DetectorId=detector)
    return bool(found == {"owner": "second"})


def securityhub_has_standards(client: Client) -> bool:
    hub = client("securityhub")
    standard = "arn:aws:securityhub:us-east-1::standards/cis-aws-foundations-benchmark/v/3.0.0"
    made = hub.batch_enable_standards(StandardsSubscriptionRequests=[{"StandardsArn": standard}])
    arns = [each["StandardsSubscriptionArn"] for each in made["StandardsSubscriptions"]]
    found = hub.get_enabled_standards(StandardsSubscriptionArns=arns)["StandardsSubscriptions"]
    hub.batch_disable_standards(StandardsSubscriptionArns=arns)
    left = hub.get_enabled_standards(StandardsSubscriptionArns=arns)["StandardsSubscriptions"]
    return [each["StandardsArn"] for each in found] == [standard] and left == []


def securityhub_is_set_up(client: Client) -> bool:
    hub = client("securityhub")
    hub.enable_security_hub(EnableDefaultStandards=False)
    hub.update_security_hub_configuration(AutoEnableControls=True)
    return bool(hub.describe_hub()["AutoEnableControls"])


def accessanalyzer_has_analyzers(client: Client) -> bool:
    analyzer, name = client("accessanalyzer"), _fresh("analyzer")
    analyzer.create_analyzer(analyzerName=name, type="ACCOUNT", tags={"a": "b"})
    found = analyzer.get_analyzer(analyzerName=name)["analyzer"]
    analyzer.delete_analyzer(analyzerName=name)
    return bool((found["status"], found["tags"]) == ("ACTIVE", {"a": "b"}))


PROBES: list[Callable[[Client], bool]] = [
    probe
    for name, probe in list(globals().items())
    if name.startswith(("accessanalyzer_", "backup_", "guardduty_", "securityhub_"))
]
