"""What the guard does, one JSON object a line on stdout: the cluster's logs are read by machines first."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Sequence
from typing import Any

from opsctl.core.checkup import Finding
from opsctl.core.decisions import Decision, Wait
from opsctl.core.guarding import Guarding
from opsctl.core.observation import Observation
from opsctl.core.release import Rollout
from opsctl.core.snapshot import Snapshot


class Log:
    """The port `Watching`. What repeats is said once."""

    def __init__(self) -> None:
        self._last = ("", "")

    def say(self, event: str, **more: Any) -> None:
        line = {"at": round(time.time(), 3), "event": event, **more}
        print(json.dumps(line), file=sys.stdout, flush=True)

    def checked(self, findings: Sequence[Finding]) -> None:
        return

    def began(self, rollout: Rollout, before: Snapshot) -> None:
        return

    def saw(self, rollout: Rollout, seen: Observation, decision: Decision) -> None:
        phase, words = rollout.phase.value, "" if isinstance(decision, Wait) else str(decision)
        if words and (phase, words) != self._last:
            self._last = (phase, words)
            self.say("decision", phase=phase, decision=words)

    def waits(self, why: str, left: float) -> None:
        if ("waits", why) != self._last:
            self._last = ("waits", why)
            self.say("waits", detail=why)

    def guards(
        self, guarded: Rollout, seen: Observation, elapsed: float, seconds: float, decided: Guarding
    ) -> None:  # fmt: skip
        return

    def hook_says(self, who: str, line: str) -> None:
        self.say("hook", who=who, detail=line)

    def ended(self, rollout: Rollout) -> None:
        outcome = rollout.outcome.value if rollout.outcome else None
        self.say("ended", phase=rollout.phase.value, outcome=outcome, why=rollout.why)
