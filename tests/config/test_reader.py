"""Reading YAML: places, and everything that is refused while it is read."""

from __future__ import annotations

import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from opsctl.config.reader import MAX_BYTES, MAX_DEPTH, read


def test_values_and_places() -> None:
    document = read(b"stage: production\nnetwork:\n  zones: 3\n  list: [a, b]\n", "x.yaml")
    assert document.data == {"stage": "production", "network": {"zones": 3, "list": ["a", "b"]}}
    assert document.places == {
        ("stage",): (1, 1),
        ("network",): (2, 1),
        ("network", "zones"): (3, 3),
        ("network", "list"): (4, 3),
        ("network", "list", 0): (4, 10),
        ("network", "list", 1): (4, 13),
    }
    assert not document.mistakes


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("no", "no"), ("true", True), ("False", False), ("012", 12), ("0x1F", 31), ("1_000", 1000), ("1:30", "1:30"),
        ("1.50", 1.5), ("2020-01-01", "2020-01-01"), ("~", None), ("", None), ("'3'", "3"),
        ("|\n  two\n  lines", "two\nlines\n"),
    ],
)  # fmt: skip
def test_yaml_1_2_scalars(text: str, value: object) -> None:
    assert read(f"a: {text}\n".encode(), "x.yaml").data == {"a": value}


@pytest.mark.parametrize("raw", [b"", b"# only a comment\n", b"---\n", b"\xef\xbb\xbf"])
def test_an_empty_file_means_every_default(raw: bytes) -> None:
    document = read(raw, "x.yaml")
    assert (document.data, document.mistakes) == ({}, [])


@pytest.mark.parametrize(
    ("raw", "place", "words"),
    [
        (b"a: &x 1\n", (1, 4), "anchors"),
        (b"a: 1\nb: *a\n", (2, 4), "anchors"),
        (b"<<: {a: 1}\n", (1, 1), "merge keys"),
        (b"a: !!python/object:os.system x\n", (1, 4), "tags"),
        (b"a: !!str x\n", (1, 4), "tags"),
        (b"a: 1\n---\nb: 2\n", (2, 1), "second document"),
        (b"%YAML 1.1\n---\na: yes\n", (2, 1), "directives"),
        (b"a: 1\nb: 2\na: 3\n", (3, 1), "written twice; first on line 1"),
        (b"8000: x\n", (1, 1), "a key must be text"),
        (b"? [a, b]\n: x\n", (1, 3), "a key must be text"),
        (b"a:\n\tb: 1\n", (2, 1), "a tab"),
        (b"a: b: c\n", (1, 5), "not YAML"),
        (b"a: 'open\n", (2, 1), "never closed"),
        (b"a: [1, 2\nb: 3\n", (2, 2), "not YAML"),
        (b"a: [1, 2\n", (2, 1), "never closed"),
        (b"- a\n- b\n", (1, 1), "keys and values"),
        (b"a: .inf\n", (1, 4), "not a finite number"),
        (b"a: 1e999\n", (1, 4), "not a finite number"),
        (b'a: "\\ud800"\n', (1, 4), "cannot be read"),
        (b"a: " + b"9" * 5000 + b"\n", (1, 4), "cannot be read"),
        (b"a: 1\nb: \xff\n", (2, 1), "not UTF-8"),
        (b"a: 1\nb: \x00\n", (2, 1), "control character"),
    ],
)
def test_refusals(raw: bytes, place: tuple[int, int], words: str) -> None:
    [mistake] = read(raw, "x.yaml").mistakes
    assert (mistake.line, mistake.column) == place
    assert words in mistake.message
    assert mistake.file == "x.yaml"


def test_every_duplicate_is_named() -> None:
    found = read(b"a: {x: 1, x: 2}\nb: 1\nb: 2\nb: 3\n", "x.yaml").mistakes
    assert [(m.path, m.line, m.column) for m in found] == [("a.x", 1, 11), ("b", 3, 1), ("b", 4, 1)]


def test_depth_is_bounded() -> None:
    def nested(depth: int) -> bytes:
        return b"a: " + b"[" * depth + b"]" * depth

    assert not read(nested(MAX_DEPTH - 1), "x.yaml").mistakes
    [mistake] = read(nested(MAX_DEPTH + 1), "x.yaml").mistakes
    assert "deep" in mistake.message


_BOMB = b"a: &a [x,x,x,x,x,x,x,x,x,x]\n" + b"".join(
    b"%c: &%c [%s]\n" % (c, c, b",".join([b"*%c" % (c - 1)] * 10)) for c in range(ord("b"), ord("k"))
)


@pytest.mark.parametrize(
    "raw",
    [
        b"x" * (10 * 1024 * 1024),
        b"[" * (MAX_BYTES - 1),
        b"{" * (MAX_BYTES - 1),
        b"- " * (MAX_BYTES // 2 - 1),
        b"&a " * (MAX_BYTES // 3 - 1),
        b"? " * (MAX_BYTES // 2 - 1),
        _BOMB,
        b"\n".join(b"k%d: v" % number for number in range(11_000)),
        b"a: &a [*a]\n",
    ],
    ids=["10 MB", "brackets", "braces", "dashes", "anchors", "question marks", "alias bomb", "many keys", "loop"],
)
def test_hostile_input_is_refused_quickly(raw: bytes) -> None:
    started = time.process_time()  # of this process alone, so that a busy machine does not fail the test
    assert read(raw, "x.yaml").mistakes
    assert time.process_time() - started < 2


@settings(max_examples=200, deadline=None)
@given(
    st.one_of(st.binary(max_size=200), st.text(alphabet="a:-[]{}&*!|>'\"\\,?# \n\t0.%~<", max_size=60).map(str.encode))
)
@example(b"a: !<x> 1")
@example(b"? \n")
@example(b": \n")
def test_nothing_escapes_as_an_exception(raw: bytes) -> None:
    document = read(raw, "x.yaml")
    assert document.mistakes or isinstance(document.data, dict)
