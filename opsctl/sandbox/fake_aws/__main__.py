"""The fake AWS as a process of its own, until SIGTERM or Ctrl-C.

`python -m opsctl.sandbox.fake_aws --state FILE --port N --ready-file FILE`
"""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from pathlib import Path

from opsctl.errors import OpsError


def main(arguments: list[str] | None = None) -> int:
    """Serve until told to stop. Exit 0 then, 1 if it could not start."""
    options = _parse(arguments)
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):  # set here, as a background job inherits an ignored SIGINT
        signal.signal(number, lambda *_: stopped.set())
    try:
        _serve(options, stopped)
    except (OpsError, OSError) as error:
        return _explain(error)
    return 0


def _parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m opsctl.sandbox.fake_aws", description="AWS on this computer, on 127.0.0.1."
    )
    parser.add_argument("--state", type=Path, help="file that remembers everything; made if it is not there")
    parser.add_argument("--port", type=int, default=0, help="port; 0, the default, takes a free one")
    parser.add_argument("--ready-file", type=Path, help="file to write the address to, once it answers")
    return parser.parse_args(arguments)


def _serve(options: argparse.Namespace, stopped: threading.Event) -> None:
    from opsctl.sandbox.fake_aws import server

    running = server.start(options.port, options.state)
    if options.ready_file:
        draft = options.ready_file.with_name(f".{options.ready_file.name}")
        draft.write_text(running.url + "\n")
        draft.replace(options.ready_file)
    print(f"fake AWS at {running.url}", flush=True)
    stopped.wait()
    running.stop()


def _explain(error: OpsError | OSError) -> int:
    print(error, file=sys.stderr)
    for sentence in (getattr(error, "state", ""), getattr(error, "hint", "")):
        if sentence:
            print(sentence, file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
