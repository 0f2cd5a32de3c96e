"""`opsctl plan`, `provision`, `drift`, `outputs`, `destroy` as processes, on real Terraform and the fake AWS."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from botocore.exceptions import ClientError
from operators import Opsctl, Said
from terraform_stack import NAME, FakeAwsProcess, Stack

BUCKET = "agent-tfstate-123456789012-us-east-1"
KEY = "test/terraform.tfstate"


@dataclass(frozen=True)
class Begun:
    """An environment whose first provision failed at the state bucket, and whose second was interrupted."""

    stack: Stack
    first_plan: Said
    failed: Said
    interrupted: Said


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory, cli_configuration: str) -> Iterator[Begun]:
    folder = tmp_path_factory.mktemp("begun")
    stack = Stack(folder, FakeAwsProcess(folder))
    try:
        stack.render()
        yield _begin(stack)
    finally:
        stack.aws.end(signal.SIGKILL)


def _begin(stack: Stack) -> Begun:
    """Somebody else has the bucket's key alias; then Ctrl-C as soon as a few resources are there."""
    opsctl, kms = Opsctl(stack), stack.client("kms")
    first_plan = opsctl("plan", "-o", "json")
    kms.create_alias(AliasName=f"alias/{BUCKET}", TargetKeyId=kms.create_key()["KeyMetadata"]["KeyId"])
    failed = opsctl("provision", "--yes")
    kms.delete_alias(AliasName=f"alias/{BUCKET}")
    interrupted = opsctl.interrupted_after(4, "✓ added       module.", "provision", "--yes")
    return Begun(stack, first_plan, failed, interrupted)


@pytest.fixture
def half_made(begun: Begun, tmp_path: Path) -> Iterator[Stack]:
    copy = begun.stack.copy(tmp_path)
    yield copy
    copy.aws.end(signal.SIGKILL)


# --- the first time ---------------------------------------------------------------------------------------


def test_a_plan_before_there_is_a_bucket_says_that_it_cannot_be_applied(begun: Begun) -> None:
    assert begun.first_plan.code == 0, begun.first_plan.err
    assert begun.first_plan.data["applicable"] is False
    assert begun.first_plan.data["plan"] is None
    assert begun.first_plan.data["counts"]["add"] > 70
    cost = begun.first_plan.data["cost"]
    assert (cost["before"], cost["after"] > 1000) == (0, True)
    asked = {found["name"]: found["level"] for found in begun.first_plan.data["preflight"]}
    assert (asked["credentials"], asked["quota"], asked["network"]) == ("ok", "ok", "ok")


def test_what_aws_refused_is_said_with_what_was_done_and_what_to_do(begun: Begun) -> None:
    said = begun.failed
    assert said.code == 1
    assert "aws_kms_alias.state: AWS KMS refused CreateAlias: AlreadyExistsException (HTTP 400)" in said.err
    assert "7 of 8 steps were done" in said.err
    assert "Traceback" not in said.err
    assert said.err.rstrip().splitlines()[-1].startswith("  next")


def test_a_half_made_bucket_is_finished_by_the_next_provision(begun: Begun) -> None:
    assert "aws_kms_alias.state" in begun.interrupted.err
    assert begun.stack.client("s3").get_bucket_encryption(Bucket=BUCKET)


def test_ctrl_c_leaves_a_safe_state(begun: Begun) -> None:
    said = begun.interrupted
    assert said.code == 130, said.err
    assert "Terraform stored its state and gave the lock back" in said.err
    with pytest.raises(ClientError, match="404"):
        begun.stack.client("s3").head_object(Bucket=BUCKET, Key=f"{KEY}.tflock")
    state = json.loads(begun.stack.terraform("state", "pull"))
    done = said.err.count("✓ added       module.")
    assert done >= 4
    assert len([item for item in state["resources"] if item["mode"] == "managed"]) >= done / 3  # for_each: one entry


def test_the_interrupted_apply_is_on_record_for_other_computers(begun: Begun) -> None:
    body = begun.stack.client("s3").get_object(Bucket=BUCKET, Key="test/opsctl/applies/latest.json")["Body"].read()
    here = json.loads((begun.stack.folder / ".opsctl" / "test" / "last-apply.json").read_text())
    assert json.loads(body) == here
    assert here["outcome"] == "interrupted"
    rows = begun.interrupted.err.partition("plan 0001")[2]  # those of the bucket came before
    assert here["added"] == rows.count("✓ added       ")


def test_the_next_plan_goes_on_from_there(begun: Begun, half_made: Stack) -> None:
    said = Opsctl(half_made)("plan", "--detailed-exitcode", "-o", "json")
    assert said.code == 4, said.err
    assert 0 < said.data["counts"]["add"] < begun.first_plan.data["counts"]["add"]
    assert said.data["counts"]["replace"] > 0, "what was begun is made anew"
    assert said.data["dangerous"] == [], "which loses nothing: nobody has used it yet"


# --- plans that may no longer be applied ------------------------------------------------------------------


def test_plans_of_another_configuration_or_state_are_refused(half_made: Stack) -> None:
    opsctl = Opsctl(half_made)
    number = opsctl("plan", "-o", "json").data["plan"]

    half_made.settings["registry"] = {"keep_images": 7}
    half_made.render()
    said = opsctl("provision", "--plan", number, "--yes")
    assert said.code == 8
    assert f"plan {number} cannot be applied: the configuration has changed since" in said.err
    assert "opsctl plan makes a new plan" in said.err

    del half_made.settings["registry"]
    half_made.render()
    half_made.terraform("apply", "-auto-approve", "-target=module.registry")
    said = opsctl("provision", "--plan", number, "--yes")
    assert said.code == 8, said.err
    assert "the plan is stale" in said.err
    assert "Nothing was changed." in said.err


def test_a_held_lock_names_who_holds_it(half_made: Stack) -> None:
    lock = {
        "ID": "5f0aa1d8-7b5b-5e7e-9c5e-0b5f6f1a6f1f", "Operation": "OperationTypeApply", "Who": "ana@build-7",
        "Version": "1.11.4", "Created": "2026-11-22T12:28:01.5Z", "Info": "", "Path": f"{BUCKET}/{KEY}",
    }  # fmt: skip
    half_made.client("s3").put_object(Bucket=BUCKET, Key=f"{KEY}.tflock", Body=json.dumps(lock).encode())
    said = Opsctl(half_made)("plan")
    assert said.code == 5
    assert "locked by ana@build-7: apply since" in said.err
    assert "whether it lives cannot be told from here" in said.err
    assert f"opsctl lock release --terraform --id {lock['ID']}" in said.err


def test_credentials_of_another_account_are_refused(half_made: Stack) -> None:
    half_made.settings["aws"]["account_id"] = "210987654321"
    half_made.render()
    said = Opsctl(half_made)("plan")
    assert said.code == 8, said.err
    assert "another account than the environment's aws.account_id" in said.err


def test_nobody_to_ask_is_a_usage_error_before_any_work(half_made: Stack) -> None:
    said = Opsctl(half_made)("provision")
    assert said.code == 2
    assert "add --yes" in said.err


# --- an environment that is there -------------------------------------------------------------------------


def test_nothing_to_change(stack: Stack) -> None:
    opsctl = Opsctl(stack)
    assert "no changes" in opsctl("plan", "--detailed-exitcode").out
    said = opsctl("provision", "--yes", "-o", "json")
    assert (said.code, said.data) == (0, {"outcome": "unchanged"})
    assert opsctl("drift").code == 0
    assert opsctl("outputs", "-o", "json").data == stack.outputs()


def test_a_saved_plan_is_applied_once(stack: Stack) -> None:
    opsctl = Opsctl(stack)
    stack.settings["registry"] = {"keep_images": 7}
    stack.render()
    number = opsctl("plan", "-o", "json").data["plan"]
    said = opsctl("provision", "--plan", number, "--yes", "-o", "json")
    assert said.code == 0, said.err
    assert (said.data["outcome"], said.data["plan"]) == ("succeeded", int(number))
    kept = stack.client("s3").get_object(Bucket=BUCKET, Key="test/opsctl/outputs.json")["Body"].read()
    assert json.loads(kept) == stack.outputs(), "who deploys from another computer finds them there"
    assert '"countNumber":7' in stack.client("ecr").get_lifecycle_policy(repositoryName=NAME)["lifecyclePolicyText"]
    assert not list(stack.folder.glob(".opsctl/test/plans/*/plan.bin")), "plan files hold the state"
    again = opsctl("provision", "--plan", number, "--yes")
    assert again.code == 8
    assert "already applied" in again.err


def test_the_question_at_a_terminal(stack: Stack) -> None:
    stack.settings["registry"] = {"keep_images": 7}
    stack.render()
    said = Opsctl(stack).at_a_terminal("no", "provision")
    assert said.code == 1
    assert "Apply (" in said.err
    assert "the answer was not 'yes'" in said.err
    assert not (stack.folder / ".opsctl" / "test" / "last-apply.json").exists()


def test_losing_data_is_refused_and_explained(stack: Stack) -> None:
    opsctl, database = Opsctl(stack), "module.database.aws_db_instance.this"
    stack.settings["database"]["name"] = "renamed"
    stack.render()
    plan = opsctl("plan").out.splitlines()
    number = "0001"
    assert plan[1] == f"! REPLACE  {database}"
    assert plan[2].strip() == "LOST FOR GOOD: the database and its automated backups"
    assert plan[3].strip() == "because db_name: ai_agent_sdk → renamed cannot change in place"
    said = opsctl("provision", "--plan", number, "--yes")
    assert said.code == 8
    assert f"replace {database}: the database and its automated backups" in said.err
    assert "backups in the other region" in said.err
    assert "opsctl provision --allow-data-loss 'module.database'" in said.err, "both are of one module"
    assert stack.client("rds").describe_db_instances()["DBInstances"][0]["DBName"] == "ai_agent_sdk"


def test_drift_by_hand(stack: Stack) -> None:
    opsctl, ecr, repository = Opsctl(stack), stack.client("ecr"), "module.registry.aws_ecr_repository.this[0]"
    arn = ecr.describe_repositories(repositoryNames=[NAME])["repositories"][0]["repositoryArn"]
    ecr.tag_resource(resourceArn=arn, tags=[{"Key": "owner", "Value": "somebody"}])
    said = opsctl("drift", "-o", "json")
    assert said.code == 0, "a tag is told, and no reason to call anybody"
    assert [(found["attribute"], found["matter"]) for found in said.data["findings"]] == [("tags.owner", "cosmetic")]

    ecr.put_image_tag_mutability(repositoryName=NAME, imageTagMutability="MUTABLE")
    stack.settings["network"]["flow_log_days"] = 60  # not drift: nobody has applied it yet
    stack.render()
    said = opsctl("drift", "-o", "json")
    assert said.code == 4, said.err
    first = said.data["findings"][0]
    assert (first["address"], first["attribute"], first["matter"]) == (repository, "image_tag_mutability", "security")
    assert (first["differences"][0]["before"], first["differences"][0]["after"]) == ("IMMUTABLE", "MUTABLE")
    assert [change["type"] for change in said.data["pending"]["changes"]] == ["aws_cloudwatch_log_group"]
    assert not list(stack.folder.glob(".opsctl/test/plans/scratch*"))

    rule = {"address": repository, "attribute": "image_tag_mutability", "reason": "a migration", "until": "2099-12-31"}
    stack.settings["drift"] = {"ignore": {"migration": rule}}
    stack.render()
    said = opsctl("drift")
    assert said.code == 0, said.err
    assert "until 2099-12-31: a migration" in said.out

    ecr.put_image_tag_mutability(repositoryName=NAME, imageTagMutability="IMMUTABLE")
    assert f"gone     {repository} image_tag_mutability" in opsctl("drift").out


def test_destroy_needs_the_name_and_every_address_that_holds_data(stack: Stack) -> None:
    opsctl = Opsctl(stack)
    assert opsctl("destroy").code == 2
    assert opsctl("destroy", "--confirm", "production").code == 2
    said = opsctl("destroy", "--confirm", "test")
    assert said.code == 8
    assert "module.database.aws_db_instance.this: the database and its automated backups" in said.err
    assert stack.client("rds").describe_db_instances()["DBInstances"]
    lost = [line.strip().split(": ")[0].split()[1] for line in said.err.splitlines() if line.startswith("    destroy ")]
    flags = [word for address in lost for word in ("--allow-data-loss", address)]
    said = opsctl("destroy", "--confirm", "test", *flags)
    assert said.code == 8
    assert "what Kubernetes made in AWS cannot be told" in said.err
    assert "--without-cluster" in said.err
    assert stack.client("rds").describe_db_instances()["DBInstances"]
