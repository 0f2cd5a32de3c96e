"""AWS Backup's restore-testing plans and selections, which moto does not have."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from opsctl.sandbox.fake_aws.shims.backup import Item, found, kept
from opsctl.sandbox.fake_aws.shims.hooks import operation

_PLAN, _SELECTION = "RestoreTestingPlan", "RestoreTestingSelection"
_PLAN_DEFAULTS = {"ScheduleExpressionTimezone": "Etc/UTC", "StartWindowHours": 24}
_CHOICE_DEFAULTS = {"ExcludeVaults": [], "SelectionWindowDays": 30}


def install() -> None:
    from moto.backup import urls
    from moto.backup.responses import BackupResponse

    urls.url_paths["{0}/restore-testing/(?P<rest>.+)$"] = BackupResponse.dispatch
    for name, answer in {
        "create_restore_testing_plan": _create_plan,
        "get_restore_testing_plan": lambda response, request: {_PLAN: _plan(response, request)},
        "update_restore_testing_plan": _update_plan,
        "delete_restore_testing_plan": _delete_plan,
        "create_restore_testing_selection": _create_selection,
        "get_restore_testing_selection": lambda response, request: {_SELECTION: _selection(response, request)},
        "update_restore_testing_selection": _update_selection,
        "delete_restore_testing_selection": _delete_selection,
    }.items():
        operation(BackupResponse, name, answer)


def _plan(response: Any, request: Item) -> Item:
    return found(kept(response, "restore_tests"), request["RestoreTestingPlanName"])


def _create_plan(response: Any, request: Item) -> Item:
    plan = request[_PLAN]
    name = plan["RestoreTestingPlanName"]
    arn = f"arn:aws:backup:{response.region}:{response.current_account}:restore-testing-plan:{name}"
    item: Item = _PLAN_DEFAULTS | {"RestoreTestingPlanArn": arn, "CreationTime": datetime.now(UTC)} | plan
    item["RecoveryPointSelection"] = _CHOICE_DEFAULTS | plan["RecoveryPointSelection"]
    kept(response, "restore_tests")[name] = item
    response.backup_backend.tag_resource(arn, request.get("Tags", {}))
    return item


def _update_plan(response: Any, request: Item) -> Item:
    item = _plan(response, request)
    item |= request[_PLAN] | {"LastUpdateTime": datetime.now(UTC)}
    item["RecoveryPointSelection"] = _CHOICE_DEFAULTS | item["RecoveryPointSelection"]
    return item | {"UpdateTime": item["LastUpdateTime"]}


def _delete_plan(response: Any, request: Item) -> Item:
    kept(response, "restore_tests").pop(request["RestoreTestingPlanName"], None)
    return {}


def _key(request: Item) -> str:
    return f"{request['RestoreTestingPlanName']}/{request['RestoreTestingSelectionName']}"


def _selection(response: Any, request: Item) -> Item:
    return found(kept(response, "restored"), _key(request))


def _create_selection(response: Any, request: Item) -> Item:
    plan = _plan(response, request)
    of_plan = {name: plan[name] for name in ("RestoreTestingPlanName", "RestoreTestingPlanArn")}
    item: Item = request[_SELECTION] | of_plan | {"CreationTime": datetime.now(UTC)}
    kept(response, "restored")[_key(item)] = item
    return item


def _update_selection(response: Any, request: Item) -> Item:
    item = _selection(response, request)
    item |= request[_SELECTION]
    return item | {"UpdateTime": datetime.now(UTC)}


def _delete_selection(response: Any, request: Item) -> Item:
    kept(response, "restored").pop(_key(request), None)
    return {}
