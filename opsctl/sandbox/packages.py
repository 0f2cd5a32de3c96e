"""Installs the sandbox's Debian packages: `python -m opsctl.sandbox.packages`. Quick when all are there."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from opsctl.console import Console
from opsctl.errors import OpsError, ToolFailed
from opsctl.sandbox import process

PACKAGES = (
    "conntrack",
    "containerd",
    "containernetworking-plugins",
    "ethtool",
    "iproute2",
    "iptables",
    "runc",
    "socat",
)
_APT = ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get"]
_POLICY = Path("/usr/sbin/policy-rc.d")
_POLICY_TEXT = "#!/bin/sh\n# made by opsctl while it installs packages: start no services\nexit 101\n"


def ensure(console: Console) -> None:
    """Install what is missing, having said so. Raises OpsError when that cannot be done here."""
    missing = [name for name in PACKAGES if not _installed(name)]
    if not missing:
        return
    _check(missing)
    with console.progress("packages", f"apt-get install {len(missing)} packages (usually 20 s)"):
        console.say(f"Installing Debian packages: {' '.join(missing)}")
        update()
        with _no_services():
            process.run([*_APT, "install", "-y", "-q", "--no-install-recommends", *missing], seconds=600)


def update() -> None:
    """Fetch the lists of packages."""
    try:
        process.run([*_APT, "update", "-q"], seconds=300)
    except ToolFailed as error:
        error.hint = "check the network and /etc/apt/sources.list, then try again"
        raise


def _check(missing: list[str]) -> None:
    names = " ".join(missing)
    if not shutil.which("apt-get"):
        raise OpsError(f"this is not Debian: no apt-get to install {names}", hint="install them by hand, then go on")
    if os.geteuid() != 0:
        raise OpsError(f"only root may install {names}", hint=f"sudo apt-get install {names}")


def _installed(name: str) -> bool:
    try:
        return "installed" in process.run(["dpkg-query", "-W", "-f", "${db:Status-Status}", name]).split()
    except OpsError:  # unknown to dpkg, or no dpkg at all
        return False


@contextmanager
def _no_services() -> Iterator[None]:
    """Debian would start containerd as a service. The sandbox runs its own, and nothing else was asked for."""
    if _POLICY.exists() and _POLICY.read_text() != _POLICY_TEXT:
        yield  # this computer has a policy of its own
        return
    _POLICY.write_text(_POLICY_TEXT)
    _POLICY.chmod(0o755)
    try:
        yield
    finally:
        _POLICY.unlink()


if __name__ == "__main__":
    try:
        ensure(Console())
    except OpsError as error:
        Console().error(error)
        sys.exit(error.exit_code)
