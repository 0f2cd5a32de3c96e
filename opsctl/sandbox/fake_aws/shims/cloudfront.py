"""CloudFront: distributions are remembered in parts only; VPC origins and response-headers policies are missing."""

from __future__ import annotations

import copy
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from opsctl.sandbox.fake_aws.shims.hooks import operation

Item = dict[str, Any]


@dataclass(frozen=True)
class Family:
    """One kind of thing that is made, read, changed and deleted, by the names of AWS's model."""

    name: str  # in operations: create_<name>
    member: str  # in answers
    config: str  # in requests, and in that member
    unknown: str  # AWS's error for an id that is not there
    more: Callable[[Any, str, Item], Item] = lambda _response, _id, _request: {}


def install() -> None:
    from moto.cloudfront import models, urls
    from moto.cloudfront.responses import CloudFrontResponse

    _remember_as_sent(models.DistributionConfig)
    for path in ("vpc-origin", "response-headers-policy"):
        urls.url_paths[f"{{0}}/2020-05-31/{path}$"] = CloudFrontResponse.dispatch
        urls.url_paths[f"{{0}}/2020-05-31/{path}/(?P<id>[^/]+)$"] = CloudFrontResponse.dispatch
    _install(Family("response_headers_policy", "ResponseHeadersPolicy", "ResponseHeadersPolicyConfig", _NO_POLICY))
    _install(Family("vpc_origin", "VpcOrigin", "VpcOriginEndpointConfig", "EntityNotFound", _placed))


_NO_POLICY = "NoSuchResponseHeadersPolicy"


def _remember_as_sent(config: type) -> None:
    """moto knows some members, adds others, and answers with those; AWS answers with what it was sent."""
    # mypy takes an `__init__` that is read from a class, or put there, for unsafe; wrapping moto's is the point here.
    original = config.__init__  # type: ignore[misc]

    def remember(self: Any, sent: Item) -> None:
        kept = copy.deepcopy(sent)
        original(self, sent)
        vars(self).update(kept)

    config.__init__ = remember  # type: ignore[misc]


def _placed(response: Any, identity: str, request: Item) -> Item:
    """What a VPC origin has beside its configuration; it is there at once."""
    account = response.current_account
    arn = f"arn:{response.partition}:cloudfront::{account}:vpcorigin/{identity}"
    response.backend.tagger.tag_resource(arn, request.get("Tags", {}).get("Items", []))
    return {"Arn": arn, "AccountId": account, "Status": "Deployed", "CreatedTime": datetime.now(UTC)}


def _install(family: Family) -> None:
    from moto.cloudfront.responses import CloudFrontResponse

    operations = {"create": _create, "get": _get, "update": _update, "delete": _delete}
    for verb, answer in operations.items():
        operation(CloudFrontResponse, f"{verb}_{family.name}", _of(family, answer))


def _of(family: Family, answer: Callable[[Family, Any, Item], Item]) -> Callable[[Any, Item], Item]:
    return lambda response, request: answer(family, response, request)


def _kept(family: Family, response: Any) -> dict[str, Item]:
    """All of a family, by id; kept on moto's backend."""
    kept: dict[str, Item] = vars(response.backend).setdefault("_families", {}).setdefault(family.name, {})
    return kept


def _create(family: Family, response: Any, request: Item) -> Item:
    identity = str(uuid.uuid4())
    item = {"Id": identity, "LastModifiedTime": datetime.now(UTC)} | family.more(response, identity, request)
    _kept(family, response)[identity] = item | {family.config: request[family.config]}
    return _get(family, response, {"Id": identity})


def _get(family: Family, response: Any, request: Item) -> Item:
    from moto.cloudfront.exceptions import CloudFrontException

    item = _kept(family, response).get(request["Id"])
    if item is None:
        raise CloudFrontException(family.unknown, f"There is no {family.member} {request['Id']}.")
    return {family.member: item, "ETag": f"E{item['LastModifiedTime']:%H%M%S%f}"}


def _update(family: Family, response: Any, request: Item) -> Item:
    item = _get(family, response, request)[family.member]
    item.update({family.config: request[family.config], "LastModifiedTime": datetime.now(UTC)})
    return _get(family, response, request)


def _delete(family: Family, response: Any, request: Item) -> Item:
    found = _get(family, response, request)
    del _kept(family, response)[request["Id"]]
    return found
