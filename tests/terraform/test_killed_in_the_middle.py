"""Terraform and opsctl are killed during an apply, while the state lags behind what AWS has."""

from __future__ import annotations

import json

from operators import Opsctl
from terraform_stack import Stack

FLOW_LOG = "module.network.aws_flow_log.this[0]"  # made at once, while the key takes its ten seconds
KEY = "module.registry.aws_kms_key.this[0]"


def test_the_next_run_takes_over_what_the_killed_one_had_made(stack: Stack) -> None:
    stack.terraform("destroy", "-auto-approve", f"-target={KEY}", f"-target={FLOW_LOG}")
    opsctl, ec2 = Opsctl(stack), stack.client("ec2")

    killed = opsctl.killed_after(f"✓ added       {FLOW_LOG}", "provision", "--yes")
    assert killed.code == -9
    made = [found["FlowLogId"] for found in ec2.describe_flow_logs()["FlowLogs"]]
    assert len(made) == 1
    assert FLOW_LOG not in stack.terraform("state", "list"), "else the state did not lag, and nothing is proved"

    locked = opsctl("plan")
    assert locked.code == 5, locked.err
    assert "the apply of plan 0001 has no end: it was killed" in locked.err
    assert "apply of plan 0001, since" in locked.err
    assert "its Terraform is dead" in locked.err
    assert f"begun    {KEY}: nobody knows what AWS has done" in locked.err
    shown = opsctl("lock", "show", "--terraform", "-o", "json").data
    assert (shown["state"], shown["plan"], shown["life"]) == ("locked", 1, "dead")
    assert opsctl("lock", "release", "--terraform").code == 0
    assert opsctl("lock", "show", "--terraform", "-o", "json").data == {"state": "free"}

    planned = opsctl("plan", "-o", "json")
    assert planned.code == 0, planned.err
    assert planned.data["unfinished"]["imports"] == [{"address": FLOW_LOG, "type": "aws_flow_log", "id": made[0]}]
    actions = {change["address"]: change["action"] for change in planned.data["changes"]}
    assert actions[FLOW_LOG] == "import"
    assert actions[KEY] == "add"

    done = opsctl("provision", "--plan", planned.data["plan"], "--yes", "-o", "json")
    assert done.code == 0, done.err
    assert [found["FlowLogId"] for found in ec2.describe_flow_logs()["FlowLogs"]] == made
    assert not (stack.directory / "imports.tf.json").exists(), "the state knows by now"
    assert stack.planned() == {}
    record = json.loads((stack.folder / ".opsctl" / "test" / "last-apply.json").read_text())
    assert (record["outcome"], record["halfway"]) == ("succeeded", [])
