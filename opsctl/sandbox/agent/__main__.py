"""Entry point: read the environment, run until SIGTERM, exit 0 after a complete drain."""

from __future__ import annotations

import asyncio
import os
import sys

from .service import Service
from .settings import Settings


def main() -> int:
    try:
        settings = Settings.from_environ(os.environ)
    except ValueError as error:
        print(f"agent: {error}", file=sys.stderr)
        return 2
    return asyncio.run(Service(settings).run())


if __name__ == "__main__":
    sys.exit(main())
