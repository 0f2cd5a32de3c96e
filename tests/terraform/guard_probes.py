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


PROBES: list[Callable[[Client], bool]] = [
    probe for name, probe in list(globals().items()) if name.startswith(("backup_",))
]
