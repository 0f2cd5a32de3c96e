"""What is watched, as lines: one whenever something has changed, for logs and for programs."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable
from typing import Any

from opsctl.core.picture import Picture


def print_changes(
    pictures: Iterable[Picture], telling: Callable[[Picture], Any], line: Callable[[Picture], str]
) -> None:
    """One line for the first picture and for each that tells something else than the one before; ends when nobody
    reads them any more."""
    told = None
    for picture in pictures:
        if (tells := telling(picture)) != told:
            told = tells
            if not _printed(line(picture)):
                return


def _printed(line: str) -> bool:
    try:
        sys.stdout.write(line + "\n")
        sys.stdout.flush()
    except (AttributeError, OSError, ValueError):
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115  # Python itself would complain at its end
        return False
    return True
