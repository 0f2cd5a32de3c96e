"""IAM Access Analyzer, which moto does not have at all. Its analyzers live on the backend of Security Hub."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import cache
from typing import Any
from urllib.parse import unquote

from opsctl.sandbox.fake_aws.shims.hooks import operation

Item = dict[str, Any]


def install() -> None:
    from moto import backend_index
    from moto.securityhub import urls

    host = re.compile(r"https?://access-analyzer\.(.+)\.amazonaws\.com")
    backend_index.backend_url_patterns.append(("securityhub", host))
    for path in ("analyzer$", "analyzer/(?P<name>[^/]+)$", "tags/(?P<arn>arn:aws:access-analyzer.+)$"):
        urls.url_paths[f"{{0}}/{path}"] = _responses().dispatch
    for name, answer in {
        "create_analyzer": _create,
        "get_analyzer": lambda response, request: {"analyzer": _find(response, request)},
        "delete_analyzer": _delete,
        "list_tags_for_resource": lambda response, request: {"tags": _tags(response, request)},
        "tag_resource": _tag,
        "untag_resource": _untag,
    }.items():
        operation(_responses(), name, answer)


@cache
def _responses() -> Any:
    from moto.core.responses import BaseResponse

    class AccessAnalyzerResponse(BaseResponse):
        """Parses requests and writes answers by botocore's model of the service."""

        def __init__(self) -> None:
            super().__init__(service_name="accessanalyzer")

    return AccessAnalyzerResponse


def _analyzers(response: Any) -> dict[str, Item]:
    from moto.securityhub.models import securityhub_backends

    backend = securityhub_backends[response.current_account][response.region]
    kept: dict[str, Item] = vars(backend).setdefault("_analyzers", {})
    return kept


def _create(response: Any, request: Item) -> Item:
    name = request["analyzerName"]
    arn = f"arn:aws:access-analyzer:{response.region}:{response.current_account}:analyzer/{name}"
    made = {"arn": arn, "name": name, "type": request["type"], "status": "ACTIVE", "createdAt": datetime.now(UTC)}
    _analyzers(response)[name] = made | {"tags": request.get("tags") or {}}
    return {"arn": arn}


def _find(response: Any, request: Item) -> Item:
    from moto.core.exceptions import ServiceException

    found = _analyzers(response).get(request["analyzerName"])
    if found is None:
        raise ServiceException("ResourceNotFoundException", f"No analyzer {request['analyzerName']}")
    return found


def _delete(response: Any, request: Item) -> Item:
    _analyzers(response).pop(request["analyzerName"], None)
    return {}


def _tags(response: Any, request: Item) -> dict[str, str]:
    name = unquote(request["resourceArn"]).split("/")[-1]
    tags: dict[str, str] = _find(response, {"analyzerName": name})["tags"]
    return tags


def _tag(response: Any, request: Item) -> Item:
    _tags(response, request).update(request["tags"])
    return {}


def _untag(response: Any, request: Item) -> Item:
    tags = _tags(response, request)
    for key in request["tagKeys"]:
        tags.pop(key, None)
    return {}
