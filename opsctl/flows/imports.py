"""Import blocks that an earlier run wrote: they are kept until the state knows what they are for."""

from __future__ import annotations

from collections.abc import Iterable

from opsctl.core.unfinished import Made
from opsctl.ports.provisioning import InfraPorts


def settle_imports(ports: InfraPorts, more: Iterable[Made] = ()) -> tuple[Made, ...]:
    """Keep what the state does not know yet, and `more`. Asks for the state only where there is something to settle."""
    wanted = {one.address: one for one in (*ports.stack.imports(), *more)}
    if not wanted:
        return ()
    known = ports.stack.addresses()
    kept = tuple(one for one in wanted.values() if one.address not in known)
    ports.stack.adopt(kept)
    return kept
