"""One HTTP request on a connection of its own: a kept one would stay on the old color for ever."""

from __future__ import annotations

from collections.abc import Mapping
from http.client import HTTPConnection, HTTPException, HTTPSConnection

from opsctl.tools.cluster.api import Answer

USER_AGENT = "opsctl-probe"


def get(tls: bool, host: str, port: int | None, path: str, limit: float) -> Answer:
    """As `ask`."""
    return ask("GET", tls, host, port, path, limit)


def ask(method: str, tls: bool, host: str, port: int | None, path: str, limit: float) -> Answer:
    """Headers' names are in lower case. Raises OSError, TimeoutError after `limit` seconds among them."""
    connection = (HTTPSConnection if tls else HTTPConnection)(host, port, timeout=limit)
    try:
        connection.request(method, path, headers=_headers())
        response = connection.getresponse()
        return Answer(response.status, {k.lower(): v for k, v in response.getheaders()}, response.read())
    except HTTPException as error:
        raise ConnectionError(f"broken answer: {type(error).__name__}") from error
    finally:
        connection.close()


def _headers() -> Mapping[str, str]:
    return {"User-Agent": USER_AGENT, "Connection": "close"}
