"""What the meter agrees to do."""

from __future__ import annotations

import pytest

from opsctl.sandbox.load.options import parse
from opsctl.sandbox.load.source import Source

PORTS = ["--api-port", "8000", "--ws-port", "8080"]


def test_defaults():
    options = parse(PORTS)
    assert (options.target, options.rate, options.kept, options.agents, options.duration) == (
        "127.0.0.1",
        300,
        100,
        100,
        60,
    )


@pytest.mark.parametrize(
    ("extra", "sentence"),
    [
        (["--target", "10.0.0.1"], "not a loopback address"),
        (["--target", "93.184.216.34"], "not a loopback address"),
        (["--target", "localhost"], "not an IPv4 address"),
        (["--rate", "5001"], "not between"),
        (["--rate", "nan"], "not between"),
        (["--rate", "fast"], "not a number"),
        (["--agents", "-1"], "not between"),
        (["--duration", "3601"], "not between"),
        (["--duration", "0"], "not between"),
        (["--rate", "5000", "--duration", "3600"], "more than 5000000 requests"),
    ],
)
def test_what_it_refuses(extra, sentence, capsys):
    with pytest.raises(SystemExit) as left:
        parse([*PORTS, *extra])
    assert left.value.code == 2
    assert sentence in capsys.readouterr().err


def test_each_connection_has_a_source_of_its_own():
    source = Source()
    names = []
    for _ in range(200):
        with source.open() as sock:
            names.append(sock.getsockname())
    assert len(set(names)) == 200
    assert all(host.startswith(f"{source.block}.") for host, _ in names)


def test_another_run_has_another_block():
    assert len({Source().block for _ in range(20)}) > 10


def test_after_the_last_port_comes_the_next_address():
    source = Source()
    source._port = 65535
    with source.open() as last, source.open() as first:
        assert (last.getsockname(), first.getsockname()) == ((f"{source.block}.1", 65535), (f"{source.block}.2", 16384))
