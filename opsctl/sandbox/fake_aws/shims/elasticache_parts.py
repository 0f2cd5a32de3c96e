"""ElastiCache: what a replication group refers to and moto does not have, and tags of all of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from opsctl.sandbox.fake_aws.shims.hooks import operation

Item = dict[str, Any]


@dataclass(frozen=True)
class _Family:
    """One kind of thing, by the names of AWS's model."""

    name: str  # in operations: create_<name>
    members: str  # in answers that list them
    key: str  # what identifies one
    arn: str  # in its ARN
    error: str  # where there is none
    defaults: Callable[[Item], Item]

    @property
    def member(self) -> str:
        return self.members.removesuffix("s")


_PARAMETERS = _Family(
    name="cache_parameter_group",
    members="CacheParameterGroups",
    key="CacheParameterGroupName",
    arn="parametergroup",
    error="CacheParameterGroupNotFound",
    defaults=lambda _: {"IsGlobal": False, "_parameters": {}},
)
_USERS = _Family(
    name="user_group",
    members="UserGroups",
    key="UserGroupId",
    arn="usergroup",
    error="UserGroupNotFound",
    defaults=lambda _: {"Status": "active", "UserIds": []},
)


def install() -> None:
    from moto.elasticache.responses import ElastiCacheResponse

    for family in (_PARAMETERS, _USERS):
        _install(family, ElastiCacheResponse)
    operation(ElastiCacheResponse, "modify_user_group", _change_members)
    operation(ElastiCacheResponse, "modify_user", _change_user)
    operation(ElastiCacheResponse, "modify_cache_parameter_group", _set_parameters)
    operation(ElastiCacheResponse, "reset_cache_parameter_group", _reset_parameters)
    operation(ElastiCacheResponse, "describe_cache_parameters", _parameters)
    operation(ElastiCacheResponse, "delete_cache_subnet_group", _delete_subnets)
    operation(ElastiCacheResponse, "list_tags_for_resource", _tags)


def _install(family: _Family, responses: type) -> None:
    operation(responses, f"create_{family.name}", lambda response, request: _create(family, response, request))
    operation(responses, f"describe_{family.name}s", lambda response, request: _list(family, response, request))
    operation(responses, f"delete_{family.name}", lambda response, request: _delete(family, response, request))


def _items(family: _Family, response: Any) -> dict[str, Item]:
    parts = vars(response.elasticache_backend).setdefault("_parts", {})
    items: dict[str, Item] = parts.setdefault(family.name, {})
    return items


def _find(family: _Family, response: Any, request: Item) -> Item:
    from moto.core.exceptions import ServiceException

    found = _items(family, response).get(request[family.key])
    if found is None:
        missing = type(family.error, (ServiceException,), {"code": family.error})
        raise missing(f"{family.member} {request[family.key]} not found.")
    return found


def _create(family: _Family, response: Any, request: Item) -> Item:
    name = request[family.key]
    arn = f"arn:aws:elasticache:{response.region}:{response.current_account}:{family.arn}:{name}"
    item = family.defaults(request) | request | {"ARN": arn}
    _items(family, response)[name] = item
    response.elasticache_backend.tagging_service.tag_resource(arn, request.get("Tags", []))
    return _answer(family, item)


def _list(family: _Family, response: Any, request: Item) -> Item:
    if request.get(family.key):
        return {family.members: [_find(family, response, request)]}
    return {family.members: list(_items(family, response).values())}


def _delete(family: _Family, response: Any, request: Item) -> Item:
    item = _find(family, response, request)
    del _items(family, response)[request[family.key]]
    return _answer(family, item | {"Status": "deleting"})


def _answer(family: _Family, item: Item) -> Item:
    """AWS puts a parameter group into a member of the answer, and makes a user group the answer."""
    return item | {family.member: item}


def _change_members(response: Any, request: Item) -> Item:
    group = _find(_USERS, response, request)
    left = [user for user in group["UserIds"] if user not in request.get("UserIdsToRemove", [])]
    group["UserIds"] = left + request.get("UserIdsToAdd", [])
    group["Engine"] = request.get("Engine", group["Engine"])
    return group


def _change_user(response: Any, request: Item) -> Any:
    user = response.elasticache_backend.describe_users(request["UserId"])[0]
    user.access_string = request.get("AccessString", user.access_string)
    user.engine = request.get("Engine", user.engine)
    return user


def _set_parameters(response: Any, request: Item) -> Item:
    kept = _find(_PARAMETERS, response, request)["_parameters"]
    for parameter in request["ParameterNameValues"]:
        kept[parameter["ParameterName"]] = parameter | {"Source": "user", "IsModifiable": True}
    return {_PARAMETERS.key: request[_PARAMETERS.key]}


def _reset_parameters(response: Any, request: Item) -> Item:
    kept = _find(_PARAMETERS, response, request)["_parameters"]
    for parameter in request.get("ParameterNameValues", []):
        kept.pop(parameter["ParameterName"], None)
    return {_PARAMETERS.key: request[_PARAMETERS.key]}


def _parameters(response: Any, request: Item) -> Item:
    """Only what was set: the hundred that a family has are nobody's difference."""
    return {"Parameters": list(_find(_PARAMETERS, response, request)["_parameters"].values())}


def _delete_subnets(response: Any, request: Item) -> Item:
    name = request["CacheSubnetGroupName"]
    response.elasticache_backend.describe_cache_subnet_groups(name)
    del response.elasticache_backend.cache_subnet_groups[name]
    return {}


def _tags(response: Any, request: Item) -> Item:
    """moto refuses ARNs of kinds that it does not know."""
    tags = response.elasticache_backend.tagging_service.list_tags_for_resource(request["ResourceName"])
    return {"TagList": tags["Tags"]}
