"""GuardDuty: in moto an update of some of a detector's features forgets the others, and tags never change."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

from opsctl.sandbox.fake_aws.shims.hooks import operation


def install() -> None:
    from moto.guardduty import urls
    from moto.guardduty.responses import GuardDutyResponse

    urls.url_paths["{0}/tags/(?P<arn>.+)$"] = GuardDutyResponse.dispatch
    operation(GuardDutyResponse, "update_detector", _update)
    operation(GuardDutyResponse, "tag_resource", _tag)
    operation(GuardDutyResponse, "untag_resource", _untag)
    operation(GuardDutyResponse, "list_tags_for_resource", lambda *asked: {"Tags": _detector(*asked).tags})


def _update(response: Any, request: dict[str, Any]) -> dict[str, Any]:
    backend, identity = response.guardduty_backend, request["DetectorId"]
    features = {each["name"]: each for each in backend.get_detector(identity).features or []}
    features |= {each["name"]: each for each in map(_as_kept, request.get("Features", []))}
    frequency, sources = request.get("FindingPublishingFrequency"), request.get("DataSources")
    backend.update_detector(identity, request.get("Enable"), frequency, sources, list(features.values()))
    return {}


def _as_kept(feature: dict[str, Any]) -> dict[str, Any]:
    """As it is on the wire, which is how moto keeps and answers it."""
    more = [{"name": each["Name"], "status": each["Status"]} for each in feature.get("AdditionalConfiguration", [])]
    return {"name": feature["Name"], "status": feature["Status"]} | ({"additionalConfiguration": more} if more else {})


def _detector(response: Any, request: dict[str, Any]) -> Any:
    return response.guardduty_backend.get_detector(unquote(request["ResourceArn"]).split("/")[-1])


def _tag(response: Any, request: dict[str, Any]) -> dict[str, Any]:
    detector = _detector(response, request)
    detector.tags = (detector.tags or {}) | request["Tags"]
    return {}


def _untag(response: Any, request: dict[str, Any]) -> dict[str, Any]:
    detector = _detector(response, request)
    detector.tags = {key: value for key, value in detector.tags.items() if key not in request["TagKeys"]}
    return {}
