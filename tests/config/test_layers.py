"""`extends`: what is laid over what, and where each value then comes from."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from opsctl.config import Loaded, load
from opsctl.errors import ConfigurationError, Mistake

Write = Callable[..., Path]


def test_mappings_merge_and_lists_are_replaced(write: Write) -> None:
    write(
        "aws: {tags: {owner: a, team: b}}\ncluster: {nodes: {min: 2, instance_types: [m7g.large, m7g.xlarge]}}", "_base"
    )
    project = write(
        "extends: _base.yaml\naws: {tags: {owner: c}}\ncluster: {nodes: {max: 5, instance_types: [r7g.large]}}"
    )
    environment = load(project, "test").environment
    assert environment.aws.tags == {"owner": "c", "team": "b"}
    assert (environment.cluster.nodes.min, environment.cluster.nodes.max) == (2, 5)
    assert environment.cluster.nodes.instance_types == ["r7g.large"]


def test_a_pipe_in_place_of_a_file_keeps_nobody_waiting(write: Write) -> None:
    project = write("stage: development")
    os.mkfifo(project / "environments" / "pipe.yaml")
    with pytest.raises(ConfigurationError) as error:
        load(project, "pipe")
    assert [mistake.message for mistake in error.value.mistakes] == ["cannot be read: it is no file"]


def test_a_file_whose_name_is_no_text_is_a_mistake_like_any_other(write: Write) -> None:
    project = write("stage: development")
    name = os.fsdecode(b"\xff")
    (project / "environments" / f"{name}.yaml").write_text("stage: development\n")
    with pytest.raises(ConfigurationError) as error:
        load(project, name)
    assert [(mistake.path, mistake.file) for mistake in error.value.mistakes] == [("name", "environments/?.yaml")]


def test_every_value_knows_its_origin(write: Write) -> None:
    write("network: {zones: 2}\nrelease:\n  bake_seconds: 5\n", "_root")
    write("extends: _root.yaml\naws:\n  tags: {owner: a}\n", "_base")
    project = write("extends: _base.yaml\nrelease:\n  bake_seconds: 7\naws:\n  tags: {team: b}\n")
    origins = {path: str(origin) for path, origin in load(project, "test").provenance.items()}
    assert origins["release.bake_seconds"] == "environments/test.yaml:3"
    assert origins["network.zones"] == "environments/_root.yaml:1"
    assert origins["aws.tags.owner"] == "environments/_base.yaml:3"
    assert origins["aws.tags.team"] == "environments/test.yaml:5"
    assert origins["stage"] == "default"
    assert origins["application.namespace"] == "derived from application.name"


def test_an_empty_section_says_nothing(write: Write) -> None:
    write("network: {zones: 2}", "_base")
    project = write("extends: _base.yaml\nnetwork:\n  # zones: 3\naws:\n")
    assert load(project, "test").environment.network.zones == 2


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("_bse.yaml", "there is no environments/_bse.yaml; nearest: _base.yaml"),
        ("test.yaml", "goes in a circle: test.yaml → test.yaml"),
        ("../outside.yaml", "must name a file beside this one"),
        ("/etc/passwd", "must name a file beside this one"),
        ("_base", "must name a file beside this one"),
        ("[_base.yaml]", "must name a file beside this one"),
        ("", "must name a file beside this one"),
    ],
)
def test_wrong_bases(write: Write, mistakes: Callable[[str], list[Mistake]], value: str, words: str) -> None:
    write("stage: development", "_base")
    [mistake] = mistakes(f"stage: production\nextends: {value}\n")
    assert (mistake.line, mistake.path) == (2, "extends")
    assert words in mistake.message


def test_a_circle_of_several_is_named_where_it_closes(write: Write, mistakes: Callable[[str], list[Mistake]]) -> None:
    write("extends: _b.yaml", "_a")
    write("extends: _a.yaml", "_b")
    [mistake] = mistakes("extends: _a.yaml\n")
    assert mistake.file == "environments/_b.yaml"
    assert "test.yaml → _a.yaml → _b.yaml → _a.yaml" in mistake.message


def test_a_base_that_cannot_be_read_causes_no_mistakes_of_its_own(
    write: Write, mistakes: Callable[[str], list[Mistake]]
) -> None:
    """Without the base, `grace_seconds` would look too short; that is not known, so it is not said."""
    write("workload: {drain_seconds: 5\n", "_base")
    found = mistakes("extends: _base.yaml\nworkload: {grace_seconds: 60}\n")
    assert [mistake.file for mistake in found] == ["environments/_base.yaml"]


def test_own_mistakes_come_before_those_of_the_base(write: Write) -> None:
    write("stage: x\nzz: 1", "_base")
    project = write("extends: _base.yaml\nb: 1\na: 2\n")
    with pytest.raises(ConfigurationError) as caught:
        load(project, "test")
    places = [(mistake.file, mistake.line) for mistake in caught.value.mistakes]
    own, base = "environments/test.yaml", "environments/_base.yaml"
    assert places == [(own, 2), (own, 3), (base, 1), (base, 2)]
    assert caught.value.message == f"{own}, {base}: 4 mistakes"


def test_a_file_laid_over_nothing_is_complete(loaded: Callable[[str], Loaded]) -> None:
    assert loaded("").environment.name == "test"
