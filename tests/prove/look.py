"""Looks at an environment several times, each with a snapshot read anew, and prints what these took, as JSON.

As a release looks: probes of all pods go on beside it, within their budget. A process of its own, so that its memory
is that of looking and of nothing else.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

from opsctl.config import load
from opsctl.flows.status import Untold, heard
from opsctl.flows.watch import Watcher
from opsctl.wiring import release_ports

_LOOKS = 10


def main(project: Path, name: str) -> dict[str, Any]:
    environment = load(project, name).environment
    ports = release_ports(project, environment, cast("Any", None))  # nothing is written, so nobody is told
    watcher = Watcher(replace(ports, changes=Untold(ports.clock)), environment.release)
    took, pods = [], 0
    for _ in range(_LOOKS):
        started = time.monotonic()
        snapshot = heard(watcher.look())
        took.append(round(time.monotonic() - started, 3))
        pods = sum(len(state.pods) for state in snapshot.colors.values())
        time.sleep(Untold.serves_s)  # so long a snapshot serves; the next look is to read one
    ports.prober.give_up()
    return {"pods": pods, "looks_s": took, "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]), sys.argv[2])))
