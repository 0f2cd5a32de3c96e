"""Every mistake of a file at once, each with its line and what is allowed, in plain words."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from opsctl.config.check import check, nearest_key, unknown_key
from opsctl.config.layers import Layers
from opsctl.core.environment import Environment
from opsctl.core.keys import keys, sections
from opsctl.errors import Mistake

Mistakes = Callable[[str], list[Mistake]]


@pytest.mark.parametrize(
    ("text", "line", "path", "message"),
    [
        ("databse: {}", 1, "databse", "unknown key; nearest: database"),
        ("network:\n  ziones: 3", 2, "network.ziones", "unknown key; nearest: network.zones"),
        ("multi_az: true", 1, "multi_az", "unknown key; nearest: database.multi_az"),
        ("registry:\n  qqqqqqqq: 3", 2, "registry.qqqqqqqq", "unknown key; known here: existing_url, keep_images, "
         "untagged_days, enhanced_scanning, replicate"),
        ("name: other", 1, "name", "is the file's name (test); remove this key"),
        ("network: {zones: '3'}", 1, "network.zones", '"3" is text; allowed: whole number, 2 … 3'),
        ("network: {zones: 4}", 1, "network.zones", "4 is not allowed; allowed: whole number, 2 … 3"),
        ("network: {zones: true}", 1, "network.zones", "true is not allowed; allowed: whole number, 2 … 3"),
        ("network: {zones: 2.5}", 1, "network.zones", "2.5 is not allowed; allowed: whole number, 2 … 3"),
        ("network: {zones: }", 1, "network.zones", "has no value; allowed: whole number, 2 … 3"),
        ("network: {zones: [3]}", 1, "network.zones", "is a list; allowed: whole number, 2 … 3"),
        ("network: {nat: {a: 1}}", 1, "network.nat", "is a section; allowed: one of none, single, per_zone"),
        ("network: {nat: per_az}", 1, "network.nat", '"per_az" is not allowed; allowed: one of none, single, per_zone'),
        ("network: {cidr: 10.0.0.0/8}", 1, "network.cidr",
         '"10.0.0.0/8" is not allowed; allowed: an IPv4 range of /16 to /20 such as 10.40.0.0/16'),
        ("database: {engine_version: 17}", 1, "database.engine_version",
         "17 is not text; put it in quotes (allowed: one of 15, 16, 17, 18)"),
        ("cluster:\n  version: 1.30", 2, "cluster.version",
         '1.3 is not text; put it in quotes (allowed: a Kubernetes minor version in quotes, such as "1.35")'),
        ("database: {multi_az: yes}", 1, "database.multi_az", '"yes" is text; allowed: true or false'),
        ("database: {multi_az: 1}", 1, "database.multi_az", "1 is not allowed; allowed: true or false"),
        ("release: {bake_seconds: -1}", 1, "release.bake_seconds", "-1 is not allowed; allowed: number, 0 … 86400"),
        ("release: {probe_interval: fast}", 1, "release.probe_interval", '"fast" is text; allowed: number, 0.1 … 60'),
        ("aws: {account_id: '123'}", 1, "aws.account_id",
         '"123" is not allowed; allowed: text, 12 characters: digits only'),
        ("aws: {account_id: 123456789012}", 1, "aws.account_id",
         "123456789012 is not text; put it in quotes (allowed: text, 12 characters: digits only)"),
        (
            "aws: {tags: {a: 1}}", 1, "aws.tags.a",
            "1 is not text; put it in quotes (allowed: text, 0 … 256 characters: letters, digits, blanks and "
            "_ . : / = + - @)",
        ),
        ("aws: {tags: {'aws:x': y}}", 1, "aws.tags.aws:x",
         '"aws:x" is not allowed; allowed: a tag key of at most 128 characters that does not begin with aws:'),
        ("cluster: {nodes: {instance_types: [m7g.large, 3]}}", 1, "cluster.nodes.instance_types[1]",
         "3 is not text; put it in quotes (allowed: an EC2 instance type such as m7g.xlarge)"),
        ("cluster: {nodes: {instance_types: []}}", 1, "cluster.nodes.instance_types",
         "is a list; allowed: list; each: an EC2 instance type such as m7g.xlarge, at least one"),
        ("application: {secrets: {URL: {name: db-v7}}}", 1, "application.secrets.URL.key",
         "has no value; allowed: text, 1 … 253 characters: a key of a Kubernetes Secret: letters, digits, hyphens, "
         "underscores and dots"),
        ("application: {secrets: {URL: {name: DB, key: url}}}", 1, "application.secrets.URL.name",
         '"DB" is not allowed; allowed: text, 1 … 253 characters: the name of a Kubernetes object: lower-case letters, '
         "digits, hyphens and dots"),
        ("application: {secrets: {URL: {name: db, key: url, value: x}}}", 1, "application.secrets.URL.value",
         "unknown key; known here: name, key"),
        ("services: 8000", 1, "services", "must hold keys: api, websocket, metrics"),
        ("services: {api: [8000]}", 1, "services.api", "must hold keys: port, health_path"),
    ],
)  # fmt: skip
def test_one_mistake(mistakes: Mistakes, text: str, line: int, path: str, message: str) -> None:
    [found] = mistakes(text)
    assert (found.line, found.path, found.message) == (line, path, message)
    assert found.file == "environments/test.yaml"


def test_a_whole_number_stands_for_a_decimal_one(mistakes: Mistakes) -> None:
    assert mistakes("release: {bake_seconds: 10, probe_interval: 1}") == []


def test_all_at_once_in_the_order_of_the_file(mistakes: Mistakes) -> None:
    found = mistakes("""
        stage: production
        network:
          zones: "3"
          nat: single
        databse: {}
        workload:
          drain_seconds: 300
        database:
          backup_days: 7
          backup_days: 8
          storage_gb: 600
        release: {standby: half}
    """)
    assert [(m.line, m.path) for m in found] == [
        (3, "network.zones"),
        (4, "network.nat"),
        (5, "databse"),
        (7, "workload.grace_seconds"),
        (10, "database.backup_days"),
        (11, "database.max_storage_gb"),
        (12, "release.standby"),
    ]


def test_a_rule_names_both_lines(mistakes: Mistakes) -> None:
    [found] = mistakes("workload:\n  grace_seconds: 100\n  drain_seconds: 300\n")
    assert found.line == 2
    assert found.message == (
        "100 s is too short: pre_stop 35 + drain 300 + 15 s to close = 350 (workload.drain_seconds: line 3)"
    )


def test_a_rule_names_the_other_file(write: Callable[..., object], mistakes: Mistakes) -> None:
    write("stage: production", "_base")
    [found] = mistakes("extends: _base.yaml\ndatabase: {backup_days: 7}\n")
    assert found.message.endswith("(stage: environments/_base.yaml:1)")


def test_a_rule_is_left_out_while_one_of_its_keys_is_wrong(mistakes: Mistakes) -> None:
    found = mistakes("workload: {grace_seconds: 1, drain_seconds: lots}")
    assert [mistake.path for mistake in found] == ["workload.drain_seconds"]


def test_a_bad_file_name_is_a_mistake(write: Callable[..., Any]) -> None:
    from opsctl.config import load
    from opsctl.errors import ConfigurationError

    project = write("stage: production", name="Prod_1")
    with pytest.raises(ConfigurationError) as caught:
        load(project)
    [found] = caught.value.mistakes
    assert found.path == "name"
    assert '"Prod_1" is not allowed' in found.message


@pytest.mark.parametrize("path", [*keys(), *sorted(sections())])
def test_a_slip_of_the_pen_finds_its_key(path: str) -> None:
    section, _, last = path.rpartition(".")
    slipped = f"{section}.{last}s".removeprefix(".") if f"{path}s" not in {*keys(), *sections()} else path
    assert nearest_key(slipped) == path


_LEAVES = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8)
)
_NAMES = st.sampled_from([part for path in keys() for part in path.split(".")]) | st.text(max_size=5)
_TREES = st.recursive(_LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_NAMES, inner, max_size=4))


@pytest.mark.exhaustive
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(_NAMES, _TREES, max_size=5))
def test_whatever_the_tree_holds_it_is_judged(data: dict[str, Any]) -> None:
    """Any data gives a complete environment and mistakes in words, never an exception."""
    environment, found = check("test", Layers(("x.yaml",), json.loads(json.dumps(data)), {}, (), True))
    assert isinstance(environment, Environment)
    assert all(mistake.message for mistake in found)


def test_a_thousand_mistakes_take_less_than_a_second(mistakes: Mistakes) -> None:
    text = "".join(f"key_number_{number}: 1\n" for number in range(1000))
    started = time.process_time()
    assert len(mistakes(text)) == 1000
    assert time.process_time() - started < 3


@pytest.mark.parametrize(
    ("old", "new"),
    [("drain_deadline", "release.drain.deadline"), ("drain_quiet_seconds", "release.drain.quiet_seconds")],
)
def test_a_renamed_key_says_its_new_name(old: str, new: str) -> None:
    assert unknown_key(f"release.{old}") == f"is called {new} now"
