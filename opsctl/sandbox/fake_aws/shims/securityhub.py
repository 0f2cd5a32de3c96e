"""Security Hub: moto has no standards, and cannot change how the hub is set up."""

from __future__ import annotations

from typing import Any

from opsctl.sandbox.fake_aws.shims.hooks import operation

Item = dict[str, Any]


def install() -> None:
    from moto.securityhub import urls
    from moto.securityhub.responses import SecurityHubResponse

    for path in ("standards/register", "standards/deregister", "standards/get"):
        urls.url_paths[f"{{0}}/{path}$"] = SecurityHubResponse.dispatch
    urls.url_paths["{0}/accounts$"] = SecurityHubResponse.dispatch
    operation(SecurityHubResponse, "batch_enable_standards", _enable)
    operation(SecurityHubResponse, "batch_disable_standards", _disable)
    operation(SecurityHubResponse, "get_enabled_standards", _enabled)
    operation(SecurityHubResponse, "update_security_hub_configuration", lambda *_: {})  # moto says what we want anyway


def _standards(response: Any) -> dict[str, Item]:
    """By the ARN of the subscription, on moto's backend of the region."""
    kept: dict[str, Item] = vars(response.securityhub_backend).setdefault("_standards", {})
    return kept


def _enable(response: Any, request: Item) -> Item:
    made = [_subscription(response, asked["StandardsArn"]) for asked in request["StandardsSubscriptionRequests"]]
    _standards(response).update({each["StandardsSubscriptionArn"]: each for each in made})
    return {"StandardsSubscriptions": made}


def _subscription(response: Any, standard: str) -> Item:
    name = standard.split("standards/")[-1]
    arn = f"arn:aws:securityhub:{response.region}:{response.current_account}:subscription/{name}"
    named = {"StandardsSubscriptionArn": arn, "StandardsArn": standard, "StandardsInput": {}}
    return named | {"StandardsStatus": "READY"}


def _disable(response: Any, request: Item) -> Item:
    gone = [_standards(response).pop(arn, None) for arn in request["StandardsSubscriptionArns"]]
    return {"StandardsSubscriptions": [each | {"StandardsStatus": "DELETING"} for each in gone if each]}


def _enabled(response: Any, request: Item) -> Item:
    asked = request.get("StandardsSubscriptionArns") or list(_standards(response))
    kept = _standards(response)
    return {"StandardsSubscriptions": [kept[arn] for arn in asked if arn in kept]}
