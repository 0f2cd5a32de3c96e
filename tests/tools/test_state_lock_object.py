"""The object that is Terraform's lock, and what may lie in its place."""

from __future__ import annotations

from typing import Any, cast

import pytest

from opsctl.errors import Unreachable
from opsctl.tools.saved_plans import PlanFolder
from opsctl.tools.state_bucket import StateBucketTool
from opsctl.tools.state_lock import StateLockTool
from opsctl.tools.terraform.roots import StackRoot


class Holding:
    """A bucket in which `found` lies under the lock's name."""

    name = "bucket"

    def __init__(self, found: Any) -> None:
        self.found = found

    def get(self, key: str) -> Any:
        assert key == "dev/terraform.tfstate.tflock"
        if isinstance(self.found, Exception):
            raise self.found
        return self.found


def lock_tool(found: Any) -> StateLockTool:
    bucket = cast("StateBucketTool", Holding(found))
    return StateLockTool(bucket, "dev/terraform.tfstate", cast("PlanFolder", None), cast("StackRoot", None))


def test_nothing_there_is_free() -> None:
    assert lock_tool(None).read() is None


def test_a_lock_is_read() -> None:
    found = lock_tool({"ID": "abc", "Who": "ana@build-7", "Created": "2026-11-22T12:28:01Z"}).read()
    assert found is not None
    assert (found.id, found.who) == ("abc", "ana@build-7")


@pytest.mark.parametrize("found", [{}, [], "", {"ID": "abc", "Created": "yesterday"}, ValueError("no JSON")])
def test_what_is_no_lock_is_never_called_free(found: Any) -> None:
    """Terraform refuses to start while anything lies there."""
    with pytest.raises(Unreachable, match=r"s3://bucket/dev/terraform\.tfstate\.tflock is no lock") as error:
        lock_tool(found).read()
    assert "delete that object by hand" in error.value.hint
