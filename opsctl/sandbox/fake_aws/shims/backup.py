"""AWS Backup: moto has no selections, cannot change a plan, keeps a deleted plan's name, and reads tags of nothing."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote

from opsctl.sandbox.fake_aws.shims.hooks import operation

Item = dict[str, Any]


def install() -> None:
    from moto.backup.responses import BackupResponse

    operation(BackupResponse, "create_backup_selection", _create_selection)
    operation(BackupResponse, "get_backup_selection", _find_selection)
    operation(BackupResponse, "delete_backup_selection", _delete_selection)
    operation(BackupResponse, "update_backup_plan", _update_plan)
    operation(BackupResponse, "delete_backup_plan", _delete_plan)
    operation(BackupResponse, "list_tags", _list_tags)


def kept(response: Any, kind: str) -> dict[str, Item]:
    """What a shim remembers, by key, on moto's backend of the region."""
    found: dict[str, Item] = vars(response.backup_backend).setdefault("_shim", {}).setdefault(kind, {})
    return found


def found(items: dict[str, Item], key: str) -> Item:
    """The one under that key; AWS's not-found error where there is none."""
    from moto.backup.exceptions import ResourceNotFoundException

    if key not in items:
        raise ResourceNotFoundException(msg=f"Cannot find {key}")
    return items[key]


def _create_selection(response: Any, request: Item) -> Item:
    identity = str(uuid.uuid4())
    made = {"SelectionId": identity, "CreationDate": datetime.now(UTC)}
    item = {"BackupPlanId": request["BackupPlanId"], "BackupSelection": request["BackupSelection"]} | made
    kept(response, "selections")[identity] = item
    return item


def _find_selection(response: Any, request: Item) -> Item:
    return found(kept(response, "selections"), request["SelectionId"])


def _delete_selection(response: Any, request: Item) -> Item:
    kept(response, "selections").pop(request["SelectionId"], None)
    return {}


def _update_plan(response: Any, request: Item) -> Item:
    """A new version of the plan under the same id."""
    from moto.backup.models import Plan

    backend = response.backup_backend
    plan = backend.get_backup_plan(request["BackupPlanId"], None)
    draft = Plan(request["BackupPlan"], plan.creator_request_id, backend)
    plan.backup_plan, plan.version_id = draft.backup_plan, draft.version_id
    return dict(plan.to_dict())


def _delete_plan(response: Any, request: Item) -> Item:
    backend = response.backup_backend
    identity, arn, date, version = backend.delete_backup_plan(request["BackupPlanId"])
    del backend.plans[identity]
    return {"BackupPlanId": identity, "BackupPlanArn": arn, "DeletionDate": date, "VersionId": version}


def _list_tags(response: Any, request: Item) -> Item:
    return {"Tags": response.backup_backend.list_tags(unquote(request["ResourceArn"]))}
