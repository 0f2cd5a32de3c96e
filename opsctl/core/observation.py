"""Everything a decision may rest on: one snapshot of the cluster and what the probes say, at one moment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from opsctl.core.color import Color
from opsctl.core.health import ColorHealth, Judgement, Verdict
from opsctl.core.hook import Hooks
from opsctl.core.snapshot import ColorState, Snapshot
from opsctl.core.sockets import Sockets


@dataclass(frozen=True)
class Observation:
    """`snapshot` is None while the cluster gives no answer, since `silent_since`.

    `healthy_since` tells for each color since when every look at it was healthy; a color that is not
    healthy now is missing. `looking_since`: since then there were looks without a gap, so that evidence had time to
    come. `answered` is the color behind the last good answer at the front door. Of `sockets` a
    pod that did not say is missing. `hooks` are those that this process began. `handshakes`: seconds that
    a WebSocket took lately, by color, half of them less. `proved_since`: at or after this every pod and port of a color
    has answered well.
    """

    at: float
    snapshot: Snapshot | None
    health: Mapping[Color, ColorHealth]
    healthy_since: Mapping[Color, float]
    door: Judgement
    answered: Color | None = None
    silent_since: float | None = None
    silence: str = ""
    looking_since: float = 0.0
    sockets: Sockets = field(default_factory=dict)
    hooks: Hooks = field(default_factory=dict)
    handshakes: Mapping[Color, float] = field(default_factory=dict)
    proved_since: Mapping[Color, float] = field(default_factory=dict)

    def state(self, color: Color) -> ColorState:
        assert self.snapshot is not None, "nothing is decided about a color while the cluster is silent"
        return self.snapshot.colors[color]

    def verdict(self, color: Color) -> Verdict:
        return self.health[color].verdict if color in self.health else Verdict.UNKNOWN

    def proved(self, color: Color, since: float) -> bool:
        """Whether every pod and port of a color has answered well since then."""
        return self.proved_since.get(color, since) >= since

    def healthy(self, color: Color | None) -> bool:
        return color is not None and self.verdict(color) is Verdict.HEALTHY
