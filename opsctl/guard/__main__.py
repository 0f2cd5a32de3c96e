"""Stand by for one rollout, and go on with it when whoever began it is gone.

Ends with 0 when the rollout has its outcome. Anything else makes Kubernetes start it again.
"""

from __future__ import annotations

import os
import signal
import socket
import sys
import time
from collections.abc import Callable
from types import FrameType
from typing import TypeVar

from opsctl.core.recorded import restored
from opsctl.errors import Interrupted, OpsError
from opsctl.flows.stand_by import stand_by
from opsctl.guard.log import Log
from opsctl.guard.settings import Settings, read_settings
from opsctl.guard.wiring import guard_ports
from opsctl.tools.cluster.api import Api
from opsctl.tools.cluster.guard_manifest import STANDING_BY
from opsctl.tools.cluster.incluster import connect_in_cluster
from opsctl.tools.cluster.journal import OneRecordJournal

RETRY_S = 0.5
TERMINATED = 143
_T = TypeVar("_T")


def main() -> int:
    signal.signal(signal.SIGTERM, _leave)  # the first process of a container ignores it otherwise
    log = Log()
    try:
        settings = read_settings(os.environ)
        return _stand_by(settings, Api(connect_in_cluster()), log)
    except Interrupted as error:
        log.say("interrupted", detail=error.message)
        return TERMINATED
    except OpsError as error:
        log.say("failed", detail=error.message)
        return int(error.exit_code)


def _stand_by(settings: Settings, api: Api, log: Log) -> int:
    journal = OneRecordJournal(api, settings.names, settings.rollout)
    (rollout,) = _insist(journal.rollouts, log)
    policy = restored(settings.environment.release, rollout.policy)
    ports = guard_ports(api, settings, policy, log)
    _insist(ports.cluster.read, log)
    listening = _listen()  # Kubernetes' startup probe asks no more than that; kept for as long as this runs
    log.say("stands by", rollout=rollout.id, release=rollout.release, phase=rollout.phase.value)
    ended = stand_by(ports, policy, f"guard@{settings.pod}")
    listening.close()
    log.say("done", outcome=ended.outcome.value if ended.outcome else None, by=ended.taken_over_by or "its operator")
    return 0


def _listen() -> socket.socket:
    if socket.has_dualstack_ipv6():
        return socket.create_server(("", STANDING_BY), family=socket.AF_INET6, dualstack_ipv6=True)
    return socket.create_server(("", STANDING_BY))


def _insist(ask: Callable[[], _T], log: Log) -> _T:
    """Until there is an answer: rights that were granted just now may take a moment to count."""
    while True:
        try:
            return ask()
        except OpsError as error:
            log.waits(error.message, RETRY_S)
            time.sleep(RETRY_S)


def _leave(number: int, frame: FrameType | None) -> None:
    raise SystemExit(TERMINATED)


if __name__ == "__main__":
    sys.exit(main())
