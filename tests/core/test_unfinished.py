"""What a killed apply had made and begun, from its events, and what of that the state does not know."""

from __future__ import annotations

from typing import Any

from opsctl.core.unfinished import Made, import_blocks, orphans, read

AT = "2026-11-22T14:01:23Z"
VPC, ROLE, DATABASE = "m.aws_vpc.x", 'm.aws_iam_role.x["a"]', "m.aws_db_instance.x"


def planned(address: str, action: str = "create") -> dict[str, Any]:
    return {"type": "planned_change", "change": {"resource": {"addr": address}, "action": action}}


def ran(kind: str, address: str, action: str = "create", known: str = "") -> dict[str, Any]:
    resource = {"addr": address, "resource_type": address.split(".")[1]}
    return {"type": kind, "@timestamp": AT, "hook": {"resource": resource, "action": action, "id_value": known}}


def created(address: str, known: str) -> list[dict[str, Any]]:
    return [ran("apply_start", address), ran("apply_complete", address, known=known)]


EVENTS = [
    planned(VPC), planned(ROLE), planned(DATABASE),
    *created(VPC, "vpc-1"), *created(ROLE, "role-a"), ran("apply_start", DATABASE),
]  # fmt: skip


def test_what_was_made_and_what_was_only_begun() -> None:
    found = read(7, EVENTS)
    assert found.made == (Made(VPC, "aws_vpc", "vpc-1"), Made(ROLE, "aws_iam_role", "role-a"))
    assert (found.plan, found.applied.done, found.applied.planned, found.applied.halfway) == (7, 2, 3, (DATABASE,))
    assert not found.complete


def test_terraform_may_have_come_to_its_end_alone() -> None:
    all_made = [*EVENTS, ran("apply_complete", DATABASE, known="db-1")]
    assert not read(7, all_made).complete, "its state is not stored yet"
    assert read(7, [*all_made, {"type": "change_summary", "changes": {"operation": "apply"}}]).complete


def test_what_was_destroyed_or_changed_again_was_not_made() -> None:
    gone = read(7, [*created(VPC, "vpc-1"), ran("apply_start", VPC, "delete"), ran("apply_complete", VPC, "delete")])
    assert gone.made == ()
    anew = read(7, [ran("apply_complete", VPC, "delete"), *created(VPC, "vpc-2")])
    assert [made.id for made in anew.made] == ["vpc-2"]
    assert read(7, [ran("apply_complete", VPC, "update", "vpc-1")]).made == ()


def test_orphans_are_what_the_state_does_not_know() -> None:
    cut = read(7, EVENTS)
    assert [made.address for made in orphans([cut], {VPC})] == [ROLE]
    assert orphans([cut], {VPC, ROLE}) == ()


def test_what_is_harmless_twice_is_left_to_the_next_apply() -> None:
    attached = created("m.aws_iam_role_policy_attachment.x", "role-2026")
    assert orphans([read(7, attached)], set()) == ()


def test_import_blocks_are_terraforms_json() -> None:
    assert import_blocks([Made(ROLE, "aws_iam_role", "a-${b}-%{c}")]) == {
        "import": [{"to": ROLE, "id": "a-$${b}-%%{c}"}]
    }
