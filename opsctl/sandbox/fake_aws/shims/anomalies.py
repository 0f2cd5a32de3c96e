"""Cost Explorer: anomaly monitors and who is told of them, which moto does not have."""

from __future__ import annotations

import uuid
from typing import Any

from opsctl.sandbox.fake_aws.shims.hooks import operation

Item = dict[str, Any]
_KINDS = {"monitor": ("AnomalyMonitor", "MonitorArn"), "subscription": ("AnomalySubscription", "SubscriptionArn")}


def install() -> None:
    from moto.ce.responses import CostExplorerResponse

    for kind in _KINDS:
        _install(CostExplorerResponse, kind)


def _install(responses: type, kind: str) -> None:
    operation(responses, f"create_anomaly_{kind}", lambda response, request: _create(kind, response, request))
    operation(responses, f"get_anomaly_{kind}s", lambda response, request: _get(kind, response, request))
    operation(responses, f"update_anomaly_{kind}", lambda response, request: _update(kind, response, request))
    operation(responses, f"delete_anomaly_{kind}", lambda response, request: _delete(kind, response, request))


def _kept(kind: str, response: Any) -> dict[str, Item]:
    """By ARN, on moto's backend."""
    kept: dict[str, Item] = vars(response.ce_backend).setdefault("_anomalies", {}).setdefault(kind, {})
    return kept


def _create(kind: str, response: Any, request: Item) -> Item:
    member, key = _KINDS[kind]
    arn = f"arn:{response.partition}:ce::{response.current_account}:anomaly{kind}/{uuid.uuid4()}"
    owner = {"AccountId": response.current_account} if kind == "subscription" else {}
    _kept(kind, response)[arn] = request[member] | {key: arn} | owner
    response.ce_backend.tag_resource(arn, request.get("ResourceTags", []))
    return {key: arn}


def _get(kind: str, response: Any, request: Item) -> Item:
    member, key = _KINDS[kind]
    wanted = request.get(f"{key}List")
    return {f"{member}s": [item for arn, item in _kept(kind, response).items() if not wanted or arn in wanted]}


def _update(kind: str, response: Any, request: Item) -> Item:
    _, key = _KINDS[kind]
    _kept(kind, response)[request[key]].update(request)
    return {key: request[key]}


def _delete(kind: str, response: Any, request: Item) -> Item:
    _kept(kind, response).pop(request[_KINDS[kind][1]], None)
    return {}
