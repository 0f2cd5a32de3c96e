"""Which environment is meant, and what a loaded one holds."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from opsctl.config import Loaded, environment_names, known_keys, load, load_all, require
from opsctl.errors import ConfigurationError, UsageError

Write = Callable[..., Path]


def test_the_only_environment_needs_no_name(write: Write) -> None:
    write("stage: staging", "_base")
    assert load(write("", "blue")).environment.name == "blue"


def test_several_must_be_named(write: Write) -> None:
    write("", "production")
    with pytest.raises(UsageError, match="production, staging") as caught:
        load(write("", "staging"))
    assert caught.value.hint == "add --env production"


def test_an_unknown_one_finds_the_nearest(write: Write) -> None:
    with pytest.raises(UsageError) as caught:
        load(write("", "production"), "prodution")
    assert caught.value.hint == "did you mean production?"


@pytest.mark.parametrize("name", ["../x", "_base", "/etc/passwd", ""])
def test_only_names_of_the_folder_are_opened(write: Write, name: str) -> None:
    write("", "_base")
    with pytest.raises(UsageError):
        load(write("", "production"), name)


def test_without_a_folder_init_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        load(tmp_path)
    assert "opsctl init" in caught.value.hint


def test_names_leave_out_what_is_only_extended(write: Write) -> None:
    for name in ("_base", "b", "a"):
        project = write("", name)
    assert environment_names(project) == ["a", "b"]


def test_a_file_that_cannot_be_opened_is_a_mistake(tmp_path: Path) -> None:
    (tmp_path / "environments" / "x.yaml").mkdir(parents=True)
    with pytest.raises(ConfigurationError) as caught:
        load(tmp_path)
    assert "cannot be read" in caught.value.mistakes[0].message


def test_derivations_are_filled_in_and_what_was_given_is_kept(loaded: Callable[[str], Loaded]) -> None:
    found = loaded("aws: {account_id: '123456789012'}\napplication: {agents: 1000}\n")
    assert found.given.workload.replicas is None
    assert found.environment.workload.replicas == 15
    assert found.environment.state.bucket == "ai-agent-sdk-tfstate-123456789012-us-east-1"
    assert str(found.provenance["workload.replicas"]).startswith("derived from application.agents")


def test_a_null_is_no_value(loaded: Callable[[str], Loaded]) -> None:
    found = loaded("application: {namespace: }\nkubernetes: {context: null}\n")
    assert found.environment.application.namespace == "ai-agent-sdk"
    assert found.environment.kubernetes.context is None


def test_the_digest_follows_the_values_and_nothing_else(loaded: Callable[[str], Loaded]) -> None:
    plain = loaded("").digest
    assert loaded("# a comment\nrelease: {bake_seconds: 300}\nnetwork: {zones: 3}\n").digest == plain
    assert loaded("aws: {tags: {a: x, b: y}}\n").digest == loaded("aws: {tags: {b: y, a: x}}\n").digest
    assert loaded("release: {bake_seconds: 301}\n").digest != plain


def test_require_says_where_to_write_what_is_missing(loaded: Callable[[str], Loaded]) -> None:
    require(loaded("aws: {account_id: '123456789012'}"), "aws.account_id")
    with pytest.raises(ConfigurationError) as caught:
        require(loaded(""), "aws.account_id")
    assert caught.value.hint == "write `account_id:` under `aws:` in environments/test.yaml"
    assert caught.value.mistakes[0].path == "aws.account_id"


def test_load_all_names_a_mistake_of_the_base_once(write: Write) -> None:
    write("stage: x", "_base")
    write("extends: _base.yaml", "a")
    project = write("extends: _base.yaml\nnetwork: {zones: 9}", "b")
    with pytest.raises(ConfigurationError) as caught:
        load_all(project)
    found = [(mistake.file, mistake.path) for mistake in caught.value.mistakes]
    assert found == [("environments/_base.yaml", "stage"), ("environments/b.yaml", "network.zones")]


ACCOUNT = "aws: {account_id: '123456789012'}\n"
NO_BASELINE = "security: {account_baseline: false}\n"


def singletons(project: Path) -> list[tuple[str, str, int]]:
    """Where and why `load_all` finds that environments get into each other's way."""
    try:
        load_all(project)
    except ConfigurationError as error:
        for mistake in error.mistakes:
            assert "environments/a.yaml and environments/b.yaml share an account" in mistake.message
        return [(mistake.path, mistake.file, mistake.line) for mistake in error.mistakes]
    return []


def test_one_environment_of_an_account_makes_its_baseline(write: Write) -> None:
    write(ACCOUNT, "a")
    assert singletons(write(ACCOUNT, "b")) == [("security.account_baseline", "environments/b.yaml", 1)]
    assert singletons(write(ACCOUNT + NO_BASELINE, "b")) == []
    assert singletons(write(ACCOUNT + "security: {services: []}\n", "b")) == []


def test_two_environments_never_share_a_state(write: Write) -> None:
    write(ACCOUNT + "state: {key: ours}\n", "a")
    project = write(ACCOUNT + NO_BASELINE + "state:\n  key: ours\n", "b")
    with pytest.raises(ConfigurationError) as error:
        load_all(project)
    found = [(mistake.path, mistake.file, mistake.line) for mistake in error.value.mistakes]
    assert found == [("state.key", "environments/b.yaml", 4)]
    assert "would take down the other" in error.value.mistakes[0].message
    assert singletons(write(ACCOUNT + NO_BASELINE + "state: {key: theirs}\n", "b")) == []


def test_one_environment_of_an_account_makes_githubs_provider(write: Write) -> None:
    pipeline = ACCOUNT + NO_BASELINE + "ci:\n  repository: owner/name\n"
    write(pipeline, "a")
    assert singletons(write(pipeline, "b")) == [("ci.oidc_provider", "environments/b.yaml", 1)]
    written = write(pipeline + "  oidc_provider: create\n", "b")
    assert singletons(written) == [("ci.oidc_provider", "environments/b.yaml", 5)]
    assert singletons(write(pipeline + "  oidc_provider: existing\n", "b")) == []


@pytest.mark.parametrize(
    "other", ["", "aws: {account_id: '210987654321'}", "aws: {account_id: '123456789012', emulated: true}"]
)
def test_what_shares_no_account_is_in_nobodys_way(write: Write, other: str) -> None:
    write(ACCOUNT, "a")
    assert singletons(write(other, "b")) == []


def test_known_keys() -> None:
    assert known_keys("network.cidr") == ["network.cidr"]
    assert known_keys("registry") == [
        f"registry.{key}" for key in ("existing_url", "keep_images", "untagged_days", "enhanced_scanning", "replicate")
    ]
    with pytest.raises(UsageError) as caught:
        known_keys("netwrk.cidr")
    assert caught.value.hint == "did you mean network.cidr?"
