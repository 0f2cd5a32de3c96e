"""What `make setup` does beyond Python packages: Debian packages, the toolchain, and Helm beside opsctl."""

from __future__ import annotations

import sys
from pathlib import Path

from opsctl.console import Console
from opsctl.errors import OpsError
from opsctl.sandbox import packages, toolchain
from opsctl.sandbox.toolchain import build


def main() -> int:
    console = Console()
    try:
        packages.ensure(console)
        build.ensure(console)
        link_helm(Path(sys.executable).parent / "helm")
    except OpsError as error:
        console.error(error)
        return int(error.exit_code)
    return 0


def link_helm(link: Path) -> None:
    """Put the built Helm where opsctl looks first, so that nobody has to touch PATH."""
    wanted = toolchain.helm()
    if link.is_symlink() and link.resolve() == wanted.resolve():
        return
    link.unlink(missing_ok=True)
    link.symlink_to(wanted)


if __name__ == "__main__":
    sys.exit(main())
