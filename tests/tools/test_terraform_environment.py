"""What a Terraform process finds in its environment."""

from __future__ import annotations

from pathlib import Path

import pytest

from opsctl.core.environment import Aws
from opsctl.errors import ToolFailed
from opsctl.tools.terraform.environment import cli_configuration, find_mirror, terraform_environment


def overlay(aws: Aws, project: Path, **ours: str) -> dict[str, str | None]:
    return terraform_environment(aws, project, project / ".opsctl", ours)


def mirror(folder: Path) -> Path:
    (folder / "registry.example" / "hashicorp" / "aws").mkdir(parents=True)
    return folder


def test_the_shell_cannot_change_what_a_plan_means(tmp_path: Path) -> None:
    ours = {"TF_CLI_ARGS_apply": "-auto-approve", "TF_LOG": "trace", "TF_LOG_PATH": "x", "TF_WORKSPACE": "other"}
    found = overlay(Aws(), tmp_path, **ours, TF_VAR_kept="1")
    assert [found[name] for name in ours] == [None] * 4
    assert "TF_VAR_kept" not in found
    assert (found["TF_IN_AUTOMATION"], found["TF_INPUT"], found["CHECKPOINT_DISABLE"]) == ("1", "0", "1")


def test_a_named_profile_wins_over_keys_in_the_shell(tmp_path: Path) -> None:
    found = overlay(Aws(profile="dev", region="eu-west-1"), tmp_path, AWS_ACCESS_KEY_ID="other account")
    assert found["AWS_PROFILE"] == "dev"
    assert found["AWS_ACCESS_KEY_ID"] is None
    assert found["AWS_REGION"] == found["AWS_DEFAULT_REGION"] == "eu-west-1"
    assert "AWS_ACCESS_KEY_ID" not in overlay(Aws(), tmp_path, AWS_ACCESS_KEY_ID="the only ones")


def test_the_configuration_file_is_relative_to_the_project(tmp_path: Path) -> None:
    found = overlay(Aws(profile="x", config_file="aws/config", emulated=True), tmp_path)
    assert found["AWS_CONFIG_FILE"] == str(tmp_path / "aws" / "config")
    assert found["AWS_ENDPOINT_URL"] is None, "the file says where AWS is, not the shell"
    assert found["AWS_EC2_METADATA_DISABLED"] == "true"
    assert "AWS_EC2_METADATA_DISABLED" not in overlay(Aws(), tmp_path)


def test_an_emulator_is_its_own_proxy_wherever_it_is_named(tmp_path: Path) -> None:
    """The provider puts the account's number before the address, and 123456789012.127.0.0.1 is no name."""
    (tmp_path / "config").write_text("[profile x]\nendpoint_url = http://127.0.0.1:7\n")
    in_a_file = overlay(
        Aws(profile="x", config_file="config", emulated=True), tmp_path, AWS_ENDPOINT_URL="http://other"
    )
    in_the_shell = overlay(Aws(emulated=True), tmp_path, AWS_ENDPOINT_URL="http://127.0.0.1:8")
    assert in_a_file["HTTP_PROXY"] == "http://127.0.0.1:7"
    assert in_the_shell["HTTP_PROXY"] == "http://127.0.0.1:8"
    assert "HTTP_PROXY" not in overlay(Aws(), tmp_path, AWS_ENDPOINT_URL="http://127.0.0.1:8"), "AWS needs none"


def test_an_existing_cli_configuration_is_left_alone(tmp_path: Path) -> None:
    theirs = tmp_path / "their.tfrc"
    theirs.touch()
    ours = {"TF_CLI_CONFIG_FILE": str(theirs), "OPSCTL_TF_MIRROR": str(mirror(tmp_path / "mirror"))}
    assert cli_configuration(tmp_path / ".opsctl", ours) == str(theirs)
    assert not (tmp_path / ".opsctl").exists()


def test_a_mirror_is_used_where_there_is_one(tmp_path: Path) -> None:
    folder = mirror(tmp_path / 'a "quoted" folder')
    ours = {"TF_CLI_CONFIG_FILE": str(tmp_path / "gone"), "OPSCTL_TF_MIRROR": str(folder)}
    found = cli_configuration(tmp_path / ".opsctl", ours)
    assert found == str(tmp_path / ".opsctl" / "terraform.tfrc")
    text = Path(found).read_text()
    assert 'a \\"quoted\\" folder' in text
    assert text.count('"hashicorp/aws"') == 2, "from the mirror, and not from the network"


def test_a_folder_without_the_provider_is_no_mirror(tmp_path: Path) -> None:
    empty, full = tmp_path / "empty", mirror(tmp_path / "full")
    empty.mkdir()
    assert find_mirror([tmp_path / "missing", empty, full]) == full
    assert find_mirror([empty]) is None


def test_a_configuration_of_aws_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "config").write_text("[profile x\nendpoint_url")
    aws = Aws(profile="x", config_file="config", emulated=True)
    with pytest.raises(ToolFailed, match="config is no AWS configuration"):
        terraform_environment(aws, tmp_path, tmp_path, {})
