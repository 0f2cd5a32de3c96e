"""What `make setup` does beyond Python packages: Debian packages, the toolchain, and Helm beside opsctl."""

from __future__ import annotations

import sys

from opsctl.console import Console
from opsctl.errors import OpsError
from opsctl.sandbox import packages
from opsctl.sandbox.toolchain import build, link_helm


def main() -> int:
    console = Console()
    try:
        packages.ensure(console)
        build.ensure(console)
        link_helm()
    except OpsError as error:
        console.error(error)
        return int(error.exit_code)
    return 0


if __name__ == "__main__":
    sys.exit(main())
