"""Where connections come from: a source address and port that no connection of this run, or of the last, has used.

The kernel's connection tracking remembers a closed connection for a minute or two. A new connection with the same
addresses and ports can be sent after the old one, to a pod that is gone: a refusal that no real user would see.
"""

from __future__ import annotations

import errno
import random
import socket

LOW_PORT, HIGH_PORT = 16384, 65535
_MAX_TRIES = 64


class Source:
    """A block of 254 loopback addresses chosen at random for one run; ports are used in order, address by address."""

    def __init__(self) -> None:
        self.block = f"127.{random.randint(1, 254)}.{random.randint(0, 255)}"
        self._host, self._port = 1, LOW_PORT

    def open(self) -> socket.socket:
        """A bound, non-blocking TCP socket. Raises OSError if no address is free."""
        sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            self._bind(sock)
        except OSError:
            sock.close()
            raise
        return sock

    def _bind(self, sock: socket.socket) -> None:
        for _ in range(_MAX_TRIES):
            try:
                return sock.bind(self._take())
            except OSError as error:  # a server that listens on all addresses owns this port
                if error.errno != errno.EADDRINUSE:
                    raise
        raise OSError(errno.EADDRNOTAVAIL, f"no free port on {self.block}.0/24 in {_MAX_TRIES} tries")

    def _take(self) -> tuple[str, int]:
        taken = f"{self.block}.{self._host}", self._port
        self._port += 1
        if self._port > HIGH_PORT:
            self._host, self._port = self._host % 254 + 1, LOW_PORT
        return taken
