"""Notices by webhook and SNS, each from a thread beside the loop.

An address may be a secret (who knows it may write into a chat), so only its host is ever named.
"""

from __future__ import annotations

import json
import os
import queue
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

from opsctl.core import formats
from opsctl.core.color import Color
from opsctl.core.environment import Aws, Environment, Notify
from opsctl.core.notice import Event, Undelivered, payload
from opsctl.core.release import Rollout
from opsctl.tools import clock

TIMEOUT_S = 5.0
PAUSES_S = (0.5, 1.5)  # between tries, so that there is one more of those
FINISH_S = 6.0  # what the last notices are waited for, when all else is done


class Failed(Exception):
    """In words that hold no secret."""


class Target(Protocol):
    name: str

    def deliver(self, body: str) -> None:
        """Raises Failed."""


class Webhook:
    def __init__(self, url: str) -> None:
        where = urlsplit(url)
        self.name = f"{where.hostname}:{where.port}" if where.port else where.hostname or "a webhook"
        self._url = url

    def deliver(self, body: str) -> None:
        import urllib3

        try:
            answer = urllib3.request(
                "POST", self._url, body=body.encode(), headers={"Content-Type": "application/json"},
                timeout=TIMEOUT_S, retries=False, redirect=False,
            )  # fmt: skip
        except Exception as error:  # its words may hold the address
            raise Failed(_told(error)) from None
        if not 200 <= answer.status < 300:
            raise Failed(f"HTTP {answer.status}")


def _told(error: Exception) -> str:
    """By the kind of error alone."""
    kinds = {
        "NewConnectionError": "no connection",
        "NameResolutionError": "its name is not known",
        "ReadTimeoutError": "no answer in time",
        "ConnectTimeoutError": "no connection in time",
        "SSLError": "its certificate is not trusted",
        "ProtocolError": "the connection broke",
    }
    name = type(error).__name__
    return kinds.get(name, name)


class Topic:
    """Opened at the first notice, as botocore takes a third of a second to load."""

    def __init__(self, arn: str, aws: Aws, project: Path) -> None:
        self.name = f"SNS topic {arn.rpartition(':')[2]}"
        self.arn, self.aws, self.project = arn, aws, project
        self._client: Any = None

    def deliver(self, body: str) -> None:
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            if self._client is None:
                from opsctl.tools.aws import client

                self._client = client("sns", self.aws, self.project)
            self._client.publish(TopicArn=self.arn, Message=body)
        except (BotoCoreError, ClientError) as error:
            raise Failed(str(error)) from error


class Missing:
    """An address that there is none of; said at the end as any that did not answer."""

    def __init__(self, name: str, why: str) -> None:
        self.name, self.why = name, why

    def deliver(self, body: str) -> None:
        raise Failed(self.why)


class Notifying:
    """The port `Notices`. A thread a target, so that one that hangs holds up no other, and their order is kept."""

    def __init__(self, environment: str, events: list[str], targets: list[Target]) -> None:
        self.environment, self.events = environment, events
        self._senders = [_Sender(target) for target in targets]

    def send(self, event: Event, rollout: Rollout, active: Color | None) -> None:
        if event.value in self.events:
            body = json.dumps(payload(event, self.environment, rollout, active, clock.now()))
            for sender in self._senders:
                sender.send(body)

    def finish(self) -> list[Undelivered]:
        until = time.monotonic() + FINISH_S
        return [found for sender in self._senders if (found := sender.finish(until))]


class _Sender:
    """`_left` counts what was handed over and is neither delivered nor given up."""

    def __init__(self, target: Target) -> None:
        self.target = target
        self._bodies: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._changed = threading.Condition()
        self._left, self._why, self._told = 0, "", False
        self._thread: threading.Thread | None = None

    def send(self, body: str) -> None:
        with self._changed:
            self._left += 1
        self._bodies.put(body)
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name=f"notify {self.target.name}", daemon=True)
            self._thread.start()

    def finish(self, until: float) -> Undelivered | None:
        with self._changed:
            done = self._changed.wait_for(lambda: self._left == 0, max(0.0, until - time.monotonic()))
            why = self._why or ("" if done else "no answer in time")
            if not why or self._told:
                return None
            self._told = True
            return Undelivered(self.target.name, why)

    def _work(self) -> None:
        while True:
            why = self._tried(self._bodies.get())
            with self._changed:
                self._left, self._why = self._left - 1, self._why or why
                self._changed.notify_all()

    def _tried(self, body: str) -> str:
        """Why it was not delivered; empty: it was."""
        why = ""
        for pause in (*PAUSES_S, 0.0):
            try:
                self.target.deliver(body)
            except Exception as error:  # whatever it is, it must not end the thread that others wait for
                why = str(error) if isinstance(error, Failed) else type(error).__name__
                time.sleep(pause)
            else:
                return ""
        return why


def open_notices(environment: Environment, project: Path) -> Notifying:
    """Nothing is opened before the first notice."""
    notify = environment.release.notify
    return Notifying(environment.name, list(notify.on), targets(notify, environment.aws, project, os.environ))


def targets(notify: Notify, aws: Aws, project: Path, variables: Mapping[str, str]) -> list[Target]:
    found: list[Target] = [Webhook(url) for url in notify.webhooks]
    found += [_by_variable(name, variables.get(name, "").strip()) for name in notify.webhook_env]
    return [*found, Topic(notify.sns_topic_arn, aws, project)] if notify.sns_topic_arn else found


def _by_variable(name: str, url: str) -> Target:
    if not url:
        return Missing(f"${name}", "the environment variable is not set")
    if not formats.webhook(url):
        return Missing(f"${name}", f"it has to be {formats.webhook.__doc__}")
    return Webhook(url)
