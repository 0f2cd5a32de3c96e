"""Who types: named on locks, records, freezes and plans."""

from __future__ import annotations

import getpass
import os
import socket


def this_person() -> str:
    """user@host; in a container whose user has no name, its number."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):
        user = f"uid-{os.getuid()}"
    return f"{user}@{socket.gethostname()}"


def this_process() -> str:
    return f"{this_person()}:{os.getpid()}"
