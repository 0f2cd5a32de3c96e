"""What the environment variables of the container say, checked once at the start."""

from __future__ import annotations

import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from .faults import Trigger, parse_faults

T = TypeVar("T", int, float)


@dataclass(frozen=True)
class Settings:
    """Ports may be 0: the system then chooses one, and the log line `listening` names it."""

    version: str
    color: str
    pod: str
    bind: str
    api_port: int
    ws_port: int
    metrics_port: int
    max_connections: int
    drain_s: float
    slow_s: float
    services: frozenset[str]
    faults: Mapping[str, Trigger]

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> Settings:
        """Raises ValueError with the variable's name if a value cannot be used."""
        return cls(
            version=environ.get("APP_VERSION", "dev"),
            color=environ.get("COLOR", "none"),
            pod=environ.get("HOSTNAME") or socket.gethostname(),
            bind=environ.get("BIND", "0.0.0.0"),
            api_port=_number(environ, "API_PORT", 8000, int),
            ws_port=_number(environ, "WS_PORT", 8080, int),
            metrics_port=_number(environ, "METRICS_PORT", 8001, int),
            max_connections=_number(environ, "MAX_CONNECTIONS", 100, int),
            drain_s=_number(environ, "DRAIN_SECONDS", 20.0, float),
            slow_s=_number(environ, "SLOW_SECONDS", 3.0, float),
            services=frozenset(environ.get("SERVICES", "api,websocket,metrics").split(",")),
            faults=parse_faults(environ.get("MISBEHAVE", "")),
        )


def _number(environ: Mapping[str, str], name: str, default: T, kind: Callable[[str], T]) -> T:
    text = environ.get(name, "")
    try:
        value = kind(text) if text else default
    except ValueError:
        raise ValueError(f"{name} must be a number, not {text!r}") from None
    if value < 0:
        raise ValueError(f"{name} must not be negative, got {text}")
    return value
