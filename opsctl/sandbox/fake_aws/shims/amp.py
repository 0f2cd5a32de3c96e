"""Managed Prometheus: alert managers, which moto does not have, and the key of a workspace, which it forgets."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from opsctl.sandbox.fake_aws.shims.hooks import operation, request_of

Item = dict[str, Any]
_ACTIVE = {"statusCode": "ACTIVE"}


def install() -> None:
    from moto.amp.models import Workspace
    from moto.amp.responses import PrometheusServiceResponse as Responses
    from moto.amp.urls import url_paths

    url_paths["{0}/workspaces/(?P<workspace_id>[^/]+)/alertmanager/definition$"] = Responses.dispatch
    operation(Responses, "create_alert_manager_definition", _put_definition)
    operation(Responses, "put_alert_manager_definition", _put_definition)
    operation(Responses, "describe_alert_manager_definition", _describe_definition)
    operation(Responses, "delete_alert_manager_definition", _delete_definition)
    _remember_keys(Responses, Workspace)


def _remember_keys(responses: Any, workspaces: Any) -> None:
    create, to_dict = responses.create_workspace, workspaces.to_dict

    def create_workspace(response: Any) -> Any:
        answer = create(response)
        made = response.amp_backend.workspaces[json.loads(answer)["workspaceId"]]
        made.kms_key_arn = request_of(response).get("kmsKeyArn")
        return answer

    def with_key(workspace: Any) -> Item:
        members: Item = to_dict(workspace)
        key = getattr(workspace, "kms_key_arn", None)
        return members | ({"kmsKeyArn": key} if key else {})

    responses.create_workspace, workspaces.to_dict = create_workspace, with_key


def _put_definition(response: Any, request: Item) -> Item:
    workspace, now = response.amp_backend.describe_workspace(request["workspaceId"]), datetime.now(UTC)
    workspace.definition = {"data": request["data"], "status": _ACTIVE, "createdAt": now, "modifiedAt": now}
    return {"status": _ACTIVE}


def _describe_definition(response: Any, request: Item) -> Item:
    from moto.amp.exceptions import ResourceNotFoundException

    workspace = response.amp_backend.describe_workspace(request["workspaceId"])
    if getattr(workspace, "definition", None) is None:
        kind = "AWS::APS::AlertManagerDefinition"
        raise ResourceNotFoundException("No definition", resource_id=workspace.workspace_id, resource_type=kind)
    return {"alertManagerDefinition": workspace.definition}


def _delete_definition(response: Any, request: Item) -> Item:
    response.amp_backend.describe_workspace(request["workspaceId"]).definition = None
    return {}
