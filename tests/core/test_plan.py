"""Plan summaries from Terraform's two descriptions of a plan."""

from __future__ import annotations

import json
from typing import Any

import pytest

from opsctl.core.plan import Action, Change, Difference, accepted, loss_flags, without_unfinished
from opsctl.core.plan_reading import MASKED, UNKNOWN, drifted, from_events, from_show


def shown(
    address: str,
    actions: list[str],
    before: Any = None,
    after: Any = None,
    *,
    unknown: Any = None,
    sensitive: Any = None,
    replace_paths: Any = (),
    **more: Any,
) -> dict[str, Any]:
    """One entry of resource_changes; type and module come from the address."""
    module, _, rest = address.rpartition("module.")
    kind = rest.split(".")[1] if module or address.startswith("module.") else address.split(".")[0]
    change = {
        "actions": actions,
        "before": before,
        "after": after,
        "after_unknown": unknown or {},
        "before_sensitive": sensitive or {},
        "after_sensitive": sensitive or {},
        "replace_paths": list(replace_paths),
    }
    return {"address": address, "mode": "managed", "type": kind, "change": change, **more}


def plan(*changes: dict[str, Any], drift: tuple[dict[str, Any], ...] = ()) -> dict[str, Any]:
    return {"resource_changes": list(changes), "resource_drift": list(drift)}


def test_dangerous_changes_come_first_with_what_forces_them() -> None:
    summary = from_show(
        plan(
            shown("aws_vpc.main", ["create"], None, {"cidr_block": "10.0.0.0/16"}),
            shown("aws_eks_node_group.main", ["update"], {"min_size": 3}, {"min_size": 6}),
            shown(
                "aws_db_instance.main",
                ["delete", "create"],
                {"storage_encrypted": False, "name": "x", "deletion_protection": True},
                {"storage_encrypted": True, "name": "x", "deletion_protection": True},
                unknown={"arn": True},
                replace_paths=[["storage_encrypted"]],
            ),
            shown("aws_iam_role.old", ["delete"], {"name": "old"}, None),
        )
    )
    assert [change.action for change in summary.changes] == ["replace", "destroy", "change", "add"]
    first = summary.changes[0]
    assert first.forced_by == (Difference("storage_encrypted", "false", "true"),)
    assert first.loses == "the database and its automated backups"
    assert first.protected
    assert summary.dangerous == (first,)
    assert summary.counts[Action.REPLACE] == 1


def test_reads_no_ops_and_data_sources_are_no_changes() -> None:
    data_source = {**shown("aws_ami.x", ["create"]), "mode": "data"}
    assert from_show(plan(shown("a.b", ["no-op"]), shown("a.c", ["read"]), data_source)).empty


def test_imports_moves_and_forgotten_resources_are_told_apart() -> None:
    imported = shown("a.imported", ["no-op"])
    imported["change"]["importing"] = {"id": "x"}
    moved = shown("a.moved", ["no-op"], previous_address="a.before")
    summary = from_show(plan(imported, moved, shown("a.forgotten", ["forget"])))
    assert {change.address: change.action for change in summary.changes} == {
        "a.imported": Action.IMPORT,
        "a.moved": Action.MOVE,
        "a.forgotten": Action.FORGET,
    }


def test_sensitive_values_never_leave_the_plan() -> None:
    changed = shown(
        "aws_db_instance.main",
        ["update"],
        {"password": "old-pw", "nested": [{"token": "t1", "size": 1}], "all": {"deep": "s1"}},
        {"password": "new-pw", "nested": [{"token": "t2", "size": 2}], "all": {"deep": "s2"}},
        sensitive={"password": True, "nested": [{"token": True}], "all": True},
    )
    summary = from_show(plan(changed))
    assert summary.changes[0].differences == (
        Difference("all", MASKED, MASKED),
        Difference("nested[0].size", "1", "2"),
        Difference("nested[0].token", MASKED, MASKED),
        Difference("password", MASKED, MASKED),
    )


def test_a_value_shown_as_a_whole_is_masked_inside() -> None:
    secret = {"names": [{"token": "t1"}, {"token": "t2"}], "all": {"password": "pw", "size": 1}}
    changed = shown(
        "a.b",
        ["update"],
        secret,
        {"names": [{"token": "t3"}]},
        unknown={"all": True},
        sensitive={"names": [{"token": True}, {"token": True}], "all": {"password": True}},
    )
    assert from_show(plan(changed)).changes[0].differences == (
        Difference("all", '{"password": "(sensitive)", "size": 1}', UNKNOWN),
        Difference("names", '[{"token": "(sensitive)"}, {"token": "(sensitive)"}]', '[{"token": "(sensitive)"}]'),
    )


def test_unknown_values_and_lists_of_other_length() -> None:
    changed = shown(
        "a.b",
        ["update"],
        {"arn": "x", "names": ["a"], "tags": None},
        {"names": ["a", "b"], "tags": {"k": "v"}},
        unknown={"arn": True},
    )
    assert from_show(plan(changed)).changes[0].differences == (
        Difference("arn", "x", UNKNOWN),
        Difference("names", '["a"]', '["a", "b"]'),
        Difference("tags.k", "null", "v"),
    )


def test_a_path_that_only_begins_alike_does_not_force() -> None:
    changed = shown(
        "a.b",
        ["create", "delete"],
        {"name": "1", "name_prefix": "1", "set": [{"x": 1}]},
        {"name": "2", "name_prefix": "2", "set": [{"x": 2}]},
        replace_paths=[["name"], ["set", 0, "x"]],
    )
    assert [found.path for found in from_show(plan(changed)).changes[0].forced_by] == ["name", "set[0].x"]


def test_deposed_objects_are_named() -> None:
    assert from_show(plan(shown("a.b", ["delete"], {}, deposed="abcd"))).changes[0].address == "a.b (deposed abcd)"


def test_the_stream_gives_the_same_picture_without_values() -> None:
    def planned(address: str, action: str, kind: str) -> dict[str, Any]:
        resource = {"addr": address, "module": "module.m", "resource_type": kind}
        return {"type": "planned_change", "change": {"resource": resource, "action": action, "reason": "cannot_update"}}

    events = [
        {"type": "version"},
        planned("module.m.aws_vpc.a", "create", "aws_vpc"),
        planned("module.m.aws_kms_key.k", "replace", "aws_kms_key"),
        planned("module.m.data.x.y", "read", "x"),
        planned("module.m.aws_vpc.b", "noop", "aws_vpc"),
    ]
    summary = from_events(events)
    assert [(change.address, change.action) for change in summary.changes] == [
        ("module.m.aws_kms_key.k", Action.REPLACE),
        ("module.m.aws_vpc.a", Action.ADD),
    ]
    assert summary.dangerous[0].address == "module.m.aws_kms_key.k"


def test_drift_is_what_an_apply_would_put_right() -> None:
    by_hand = shown("aws_vpc.main", ["update"], {"tags": {"a": "1"}}, {"tags": {"a": "hand"}})
    noise = shown("aws_subnet.noise", ["update"], {"x": 1}, {"x": 2})
    beside = shown("aws_log_group.days", ["update"], {"tags_all": {}, "days": 30}, {"tags_all": {"a": "1"}, "days": 30})
    gone = shown("aws_eks_addon.gone", ["delete"], {"name": "dns"}, None)
    found = plan(
        shown("aws_vpc.main", ["update"], {"tags": {"a": "hand"}}, {"tags": {"a": "1"}}),
        shown("aws_ecr_repository.new", ["create"]),
        shown("aws_subnet.noise", ["no-op"]),
        shown("aws_log_group.days", ["update"], {"days": 30}, {"days": 60}),
        shown("aws_eks_addon.gone", ["create"], None, {"name": "dns"}),
        drift=(by_hand, noise, beside, gone),
    )
    drift, pending = drifted(found)
    assert [change.address for change in drift.changes] == ["aws_eks_addon.gone", "aws_vpc.main"]
    assert drift.changes[1].differences == (Difference("tags.a", "1", "hand"),)
    assert [change.address for change in pending.changes] == ["aws_log_group.days", "aws_ecr_repository.new"]


def test_what_we_began_and_never_finished_holds_no_data() -> None:
    tainted = {"action_reason": "replace_because_tainted"}
    summary = from_show(
        plan(
            shown("aws_kms_key.ours", ["delete", "create"], {}, {}, **tainted),
            shown("aws_kms_key.by_hand", ["delete", "create"], {}, {}, **tainted),
            shown("aws_kms_key.renamed", ["delete", "create"], {}, {}),
        )
    )
    known = without_unfinished(summary, ["aws_kms_key.ours", "aws_kms_key.renamed"])
    assert [change.address for change in known.dangerous] == ["aws_kms_key.by_hand", "aws_kms_key.renamed"]


def test_data_loss_is_accepted_by_address_or_by_what_contains_it() -> None:
    change = from_show(plan(shown("module.database.aws_db_instance.main", ["delete"], {}))).changes[0]
    assert accepted(change, ["module.database.aws_db_instance.main"])
    assert accepted(change, ["module.database"])
    assert not accepted(change, ["module.data", "aws_db_instance.main", "module.database.aws_db_instance.main2"])
    indexed = from_show(plan(shown('aws_s3_bucket.logs["a"]', ["delete"], {}))).changes[0]
    assert accepted(indexed, ["aws_s3_bucket.logs"])


def test_many_losses_of_a_module_are_accepted_by_naming_it_once() -> None:
    addresses = (
        "module.secrets.aws_kms_key.this",
        "module.cache.aws_kms_key.this",
        'module.cache.aws_cloudwatch_log_group.this["slow-log"]',
        "aws_s3_bucket.ours",
        "aws_s3_bucket.theirs",
    )
    summary = from_show(plan(*(shown(address, ["delete"]) for address in addresses)))
    flags = loss_flags(summary)
    named = ["aws_s3_bucket.ours", "aws_s3_bucket.theirs", "module.cache", "module.secrets.aws_kms_key.this"]
    assert flags == " ".join(f"--allow-data-loss '{name}'" for name in named)
    assert all(accepted(change, named) for change in summary.dangerous)


def test_the_summary_survives_json() -> None:
    """Values are text, so a saved plan can be written and read without losing a type."""
    changed = shown("a.b", ["update"], {"n": 1, "s": "1"}, {"n": 2, "s": "2"})
    assert json.loads(json.dumps([vars(d) for d in from_show(plan(changed)).changes[0].differences])) == [
        {"path": "n", "before": "1", "after": "2"},
        {"path": "s", "before": "1", "after": "2"},
    ]


@pytest.mark.parametrize(
    "kind", ["aws_prometheus_workspace", "aws_grafana_workspace", "aws_db_instance_automated_backups_replication"]
)
def test_what_people_or_the_past_have_put_there_is_data_as_well(kind: str) -> None:
    assert Change(f"m.{kind}.this", "m", kind, Action.DESTROY).loses


@pytest.mark.parametrize("name", ["deletion_protection", "enable_deletion_protection"])
def test_aws_calls_protection_by_two_names(name: str) -> None:
    summary = from_show(plan(shown("aws_lb.this", ["delete"], {name: True}, None)))
    assert [change.address for change in summary.kept_by_aws] == ["aws_lb.this"]
