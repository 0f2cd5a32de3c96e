"""The only module that starts child processes.

A child gets a session of its own, so that Ctrl-C in the terminal reaches opsctl alone, which passes on one
SIGINT and waits: Terraform needs the time to store its state and give the lock back. Its output goes into a
file rather than a pipe, for two reasons: a full pipe can never block it, and it outlives us. Where opsctl is
killed outright, Terraform finishes its apply and stores its state; writing to a broken pipe would end it.
"""

from opsctl.tools.process.command import Command, found
from opsctl.tools.process.output import in_use
from opsctl.tools.process.supervisor import Finished, run, stream

__all__ = ["Command", "Finished", "found", "in_use", "run", "stream"]
