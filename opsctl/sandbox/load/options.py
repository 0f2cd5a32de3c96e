"""What a run is asked to do, with bounds: a meter that can run away is no meter."""

from __future__ import annotations

import argparse
import ipaddress
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

Number = TypeVar("Number", int, float)

MAX_SECONDS = 3600
MAX_RATE = 5000
MAX_AGENTS = 5000
MAX_REQUESTS = 5_000_000  # each keeps its latency: 16 bytes


@dataclass(frozen=True)
class Options:
    """Rates are requests per second, times are seconds."""

    target: str
    api_port: int
    ws_port: int
    rate: float
    kept: float
    kept_connections: int
    agents: int
    duration: float
    timeout: float
    echo_every: float
    stats: bool
    json: bool


def parse(arguments: Sequence[str]) -> Options:
    """Exits with 2 and a sentence if an option cannot be used."""
    parser = _parser()
    options = Options(**vars(parser.parse_args(arguments)))
    if (options.rate + options.kept) * options.duration > MAX_REQUESTS:
        parser.error(f"that is more than {MAX_REQUESTS} requests; choose a lower rate or a shorter duration")
    return options


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="load", description="Send constant load to a loopback address and count.")
    parser.add_argument("--target", type=loopback, default="127.0.0.1", help="a loopback address (default 127.0.0.1)")
    parser.add_argument("--api-port", type=between(int, 1, 65535), required=True, help="port that answers GET /work")
    parser.add_argument("--ws-port", type=between(int, 1, 65535), required=True, help="port that echoes on /ws")
    parser.add_argument(
        "--rate", type=between(float, 0, MAX_RATE), default=300, help="requests/s, a new connection each"
    )
    parser.add_argument("--kept", type=between(float, 0, MAX_RATE), default=100, help="requests/s on kept connections")
    parser.add_argument("--kept-connections", type=between(int, 1, 1000), default=50, help="how many kept connections")
    parser.add_argument("--agents", type=between(int, 0, MAX_AGENTS), default=100, help="WebSockets to hold")
    parser.add_argument("--duration", type=between(float, 0.1, MAX_SECONDS), default=60, help="seconds, at most 3600")
    parser.add_argument(
        "--timeout", type=between(float, 0.1, 60), default=5, help="seconds until an answer counts as lost"
    )
    parser.add_argument(
        "--echo-every", type=between(float, 0.05, 60), default=1, help="seconds between an agent's messages"
    )
    parser.add_argument("--stats", action="store_true", help="one JSON line a second")
    parser.add_argument("--json", action="store_true", help="the final report as one JSON line")
    return parser


def loopback(text: str) -> str:
    """Load goes to this computer only: anything else could be somebody's service."""
    try:
        address = ipaddress.IPv4Address(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not an IPv4 address") from None
    if not address.is_loopback:
        raise argparse.ArgumentTypeError(f"{text} is not a loopback address; load is sent to 127.0.0.0/8 only")
    return text


def between(kind: Callable[[str], Number], low: float, high: float) -> Callable[[str], Number]:
    """An argparse type: a number from `low` to `high`."""

    def number(text: str) -> Number:
        try:
            value = kind(text)
        except ValueError:
            raise argparse.ArgumentTypeError(f"{text!r} is not a number of this kind") from None
        if not low <= value <= high:
            raise argparse.ArgumentTypeError(f"{text} is not between {low} and {high}")
        return value

    return number
