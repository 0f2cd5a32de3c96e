"""EC2: a launch template's own tags get into its data and never change.

Rules of security groups that refer to another group or a prefix list lose their text.
"""

from __future__ import annotations

from typing import Any

from opsctl.sandbox.fake_aws.shims.hooks import after


def install() -> None:
    from moto.ec2.models.security_groups import SecurityGroupRule
    from moto.ec2.responses import EC2Response

    SecurityGroupRule.description = property(_description)  # type: ignore[method-assign,assignment]
    _remember_text_of_prefix_lists(SecurityGroupRule)
    after(EC2Response, "create_launch_template", _keep_own_tags_out)
    after(EC2Response, "describe_launch_templates", _show_tags_as_they_are)


def _keep_own_tags_out(response: Any, answer: dict[str, Any]) -> None:
    template = response.ec2_backend.get_launch_template(answer["LaunchTemplate"]["LaunchTemplateId"])
    data = template.latest_version().data
    tags = [spec for spec in data.get("TagSpecifications", []) if spec["ResourceType"] != "launch-template"]
    data["TagSpecifications"] = tags


def _show_tags_as_they_are(response: Any, answer: dict[str, Any]) -> None:
    for template in answer["LaunchTemplates"]:
        template["Tags"] = response.ec2_backend.get_launch_template(template["LaunchTemplateId"]).get_tags()


def _description(rule: Any) -> str | None:
    places = (rule.ip_range, rule.source_group, vars(rule).get("_prefix_list", {}))
    return next((place["Description"] for place in places if place.get("Description")), None)


def _remember_text_of_prefix_lists(rules: type) -> None:
    # mypy takes an `__init__` that is read from a class, or put there, for unsafe; wrapping moto's is the point here.
    original = rules.__init__  # type: ignore[misc]

    def remember(rule: Any, *arguments: Any, **named: Any) -> None:
        original(rule, *arguments, **named)
        lists = [each for each in (*arguments, *named.values()) if isinstance(each, dict) and "PrefixListId" in each]
        rule._prefix_list = lists[0] if lists else {}

    rules.__init__ = remember  # type: ignore[misc]
