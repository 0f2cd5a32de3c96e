"""Asks a part whether it is well. Every question ends within two seconds."""

from __future__ import annotations

import http.client
import socket
import ssl
from urllib.parse import urlsplit

_TIMEOUT_S = 2.0


def is_well(place: str) -> bool:
    """Whether a place answers: an URL with 200, a socket's path by taking a connection."""
    return accepts(place) if place.startswith("/") else answers(place)


def answers(url: str) -> bool:
    """Whether a GET gives 200. Certificates are not checked: each part made its own, and nothing secret is sent."""
    target = urlsplit(url)
    host, port = target.hostname or "", target.port or 80
    connection = (
        http.client.HTTPSConnection(host, port, timeout=_TIMEOUT_S, context=ssl._create_unverified_context())
        if target.scheme == "https"
        else http.client.HTTPConnection(host, port, timeout=_TIMEOUT_S)
    )
    try:
        connection.request("GET", target.path)
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def accepts(path: str) -> bool:
    """Whether the socket at this path takes a connection."""
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(_TIMEOUT_S)
        try:
            client.connect(path)
        except OSError:
            return False
    return True
