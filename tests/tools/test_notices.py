"""Notices against real HTTP servers: one that takes them, one that says 500, one that hangs; and an emulated SNS."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from fakes import POLICY, World
from release_runs import release

from opsctl.core.color import Color
from opsctl.core.environment import Aws, Environment, Notify
from opsctl.core.notice import Event, Undelivered
from opsctl.core.release import Rollout
from opsctl.tools import notices
from opsctl.tools.notices import Notifying, Webhook, open_notices, targets

SECRET = "/T0/B1/s3cret"


@dataclass
class Receiver:
    """A server that answers with `statuses` in turn, the last one for ever; 0 hangs until the test is over."""

    statuses: list[int]
    bodies: list[dict[str, Any]] = field(default_factory=list)
    asked: int = 0
    over: threading.Event = field(default_factory=threading.Event)
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}{SECRET}"

    @property
    def name(self) -> str:
        return f"127.0.0.1:{self.port}"

    def answer(self, body: bytes) -> int:
        self.asked += 1
        status = self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]
        if status == 0:
            self.over.wait(60)
        if status == 200:
            self.bodies.append(json.loads(body))
        return status or 500


@pytest.fixture
def receiver(request: pytest.FixtureRequest) -> Iterator[Receiver]:
    made = Receiver(list(request.param))

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            assert self.headers["Content-Type"] == "application/json"
            self.send_response(made.answer(self.rfile.read(int(self.headers["Content-Length"]))))
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made.port = server.server_address[1]
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield made
    made.over.set()
    server.shutdown()
    server.server_close()


@pytest.fixture(autouse=True)
def brief(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same in less time."""
    monkeypatch.setattr(notices, "PAUSES_S", (0.01, 0.02))
    monkeypatch.setattr(notices, "TIMEOUT_S", 0.3)


@pytest.fixture(scope="module")
def rollout() -> Rollout:
    world = World()
    release(world, "good:1")
    return release(world, "late-500:1", POLICY)


def notifying(url: str, *events: str) -> Notifying:
    return Notifying("live", list(events or Event), [Webhook(url)])


@pytest.mark.parametrize("receiver", [(200,)], indirect=True)
def test_the_payload_is_as_documented(receiver: Receiver, rollout: Rollout) -> None:
    told = notifying(receiver.url)
    told.send(Event.ROLLED_BACK, rollout, Color.BLUE)
    assert told.finish() == []
    (body,) = receiver.bodies
    assert abs(body.pop("at") - time.time()) < 30
    page = (Path(__file__).parents[2] / "docs" / "hooks.md").read_text()
    assert body.keys() | {"at"} == json.loads(page.split("```json\n")[1].split("```")[0]).keys()
    wanted = {
        "schema": 1, "event": "rolled_back", "environment": "live", "rollout": 2, "kind": "deploy", "release": 2,
        "color": "green", "origin": "blue", "active": "blue", "image": "late-500:1", "phase": "rolling_back",
        "outcome": "rolled_back", "by": "ana@build-7",
    }  # fmt: skip
    assert {key: body[key] for key in wanted} == wanted
    assert body["text"].startswith("live: release 2 (late-500:1) failed, users are back on blue: api: HTTP 500")


@pytest.mark.parametrize("receiver", [(200,)], indirect=True)
def test_only_the_events_that_were_asked_for_are_told_and_in_order(receiver: Receiver, rollout: Rollout) -> None:
    told = notifying(receiver.url, "moved", "halted")
    for event in (Event.BEGAN, Event.MOVED, Event.HALTED):
        told.send(event, rollout, None)
    assert told.finish() == []
    assert [body["event"] for body in receiver.bodies] == ["moved", "halted"]
    assert receiver.bodies[0]["active"] is None


@pytest.mark.parametrize("receiver", [(500, 503, 200)], indirect=True)
def test_a_moment_of_trouble_is_tried_again(receiver: Receiver, rollout: Rollout) -> None:
    told = notifying(receiver.url)
    told.send(Event.BEGAN, rollout, None)
    assert (told.finish(), receiver.asked) == ([], 3)


@pytest.mark.parametrize("receiver", [(500,)], indirect=True)
def test_one_that_always_fails_is_said_once_without_its_address(receiver: Receiver, rollout: Rollout) -> None:
    told = notifying(receiver.url)
    told.send(Event.BEGAN, rollout, None)
    told.send(Event.MOVED, rollout, None)
    assert told.finish() == [Undelivered(receiver.name, "HTTP 500")]
    assert told.finish() == []


@pytest.mark.parametrize("receiver", [(0,)], indirect=True)
def test_one_that_hangs_delays_nobody_and_no_other(
    receiver: Receiver, rollout: Rollout, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notices, "TIMEOUT_S", 30.0)
    monkeypatch.setattr(notices, "FINISH_S", 0.5)
    told = notifying(receiver.url)
    started = time.monotonic()
    told.send(Event.BEGAN, rollout, None)
    assert time.monotonic() - started < 0.5
    assert told.finish() == [Undelivered(receiver.name, "no answer in time")]
    assert time.monotonic() - started < 5


@pytest.mark.parametrize("receiver", [(0,)], indirect=True)
def test_an_attempt_has_an_end_of_its_own(receiver: Receiver, rollout: Rollout) -> None:
    told = notifying(receiver.url)
    told.send(Event.BEGAN, rollout, None)
    (found,) = told.finish()
    assert (found.target, receiver.asked) == (receiver.name, 3)
    assert "s3cret" not in found.why


def test_one_that_nobody_answers_at_names_no_more_than_its_host_and_port(rollout: Rollout) -> None:
    told = notifying(f"http://127.0.0.1:9{SECRET}")
    told.send(Event.BEGAN, rollout, None)
    (found,) = told.finish()
    assert (found.target, found.why) == ("127.0.0.1:9", "no connection")
    assert "s3cret" not in found.why


@pytest.mark.parametrize("receiver", [(200,)], indirect=True)
def test_an_address_may_come_from_the_environment(
    receiver: Receiver, rollout: Rollout, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("CHAT", receiver.url)
    made = Environment(name="live")
    made = replace(made, release=replace(made.release, notify=Notify(webhook_env=["CHAT"])))
    told = open_notices(made, tmp_path)
    told.send(Event.BEGAN, rollout, None)
    assert (told.finish(), receiver.bodies[0]["event"]) == ([], "began")


@pytest.mark.parametrize(("value", "why"), [({}, "is not set"), ({"CHAT": "http://chat.example.com/x"}, "an https")])
def test_a_variable_without_an_address_is_said_by_its_name(
    value: dict[str, str], why: str, rollout: Rollout, tmp_path: Path
) -> None:
    told = Notifying("live", list(Event), targets(Notify(webhook_env=["CHAT"]), Aws(), tmp_path, value))
    told.send(Event.BEGAN, rollout, None)
    (found,) = told.finish()
    assert found.target == "$CHAT"
    assert why in found.why
    assert "chat.example.com" not in found.why


def test_without_anybody_to_tell_nothing_is_begun(rollout: Rollout, tmp_path: Path) -> None:
    before = threading.active_count()
    told = open_notices(Environment(name="live"), tmp_path)
    told.send(Event.BEGAN, rollout, None)
    assert (told.finish(), threading.active_count()) == ([], before)


def test_a_topic_gets_the_same(rollout: Rollout, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import boto3
    from moto import mock_aws

    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    with mock_aws():
        sns, sqs = boto3.client("sns", "us-east-1"), boto3.client("sqs", "us-east-1")
        arn = sns.create_topic(Name="releases")["TopicArn"]
        queue = sqs.create_queue(QueueName="seen")["QueueUrl"]
        where = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        sns.subscribe(TopicArn=arn, Protocol="sqs", Endpoint=where)
        told = Notifying("live", list(Event), targets(Notify(sns_topic_arn=arn), Aws(), tmp_path, {}))
        told.send(Event.MOVED, rollout, Color.GREEN)
        assert told.finish() == []
        (message,) = sqs.receive_message(QueueUrl=queue)["Messages"]
        assert json.loads(json.loads(message["Body"])["Message"])["event"] == "moved"
