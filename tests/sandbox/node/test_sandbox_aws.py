"""The fake AWS as a part of the sandbox: its port, its profile, its process."""

from __future__ import annotations

import configparser
import signal
import socket

import pytest

from opsctl.console import Console
from opsctl.errors import OpsError
from opsctl.sandbox import aws, folder
from opsctl.sandbox.down import down


@pytest.fixture
def at(tmp_path):
    yield folder.at(tmp_path)
    aws.stop(folder.at(tmp_path))


def test_it_starts_answers_and_stops(at):
    server = aws.start(at)
    aws.wait(at, server, lambda: None)

    assert aws.find(at) == server
    assert server.is_well()

    down(at.project, Console())
    assert aws.find(at) is None
    assert not server.process.alive()


def test_it_keeps_its_port_unless_somebody_else_has_it(at):
    first = aws.start(at)
    aws.wait(at, first, lambda: None)
    first.process.signal(signal.SIGKILL)
    assert first.process.wait(5)

    assert aws._port(at) == first.port
    with socket.create_server(("127.0.0.1", first.port)):
        assert aws._port(at) == first.port + 1


def test_one_that_cannot_start_names_its_log(at):
    at.aws.mkdir(parents=True)
    (at.aws / "state.json").write_text("this is no state")
    server = aws.start(at)

    with pytest.raises(OpsError, match="does not answer") as caught:
        aws.wait(at, server, lambda: None)

    assert caught.value.hint == f"read {aws.log(at)}"
    assert aws.log(at).read_text()


def test_the_profile_leads_to_it_and_holds_no_real_key(at):
    server = aws.FakeAws(process=None, port=20001)
    parser = configparser.ConfigParser()
    parser.read_string(aws.config(server))

    profile = parser["profile sandbox"]
    assert profile["endpoint_url"] == "http://127.0.0.1:20001"
    assert profile["region"] == "us-east-1"
    assert profile["aws_access_key_id"] == profile["aws_secret_access_key"] == "sandbox"
