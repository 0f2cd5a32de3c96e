"""What this computer must have before a sandbox can start, said in one go."""

from __future__ import annotations

import os
import shutil
import sys
from importlib.util import find_spec

from opsctl.errors import OpsError, ToolMissing

_PROGRAMS = (
    "containerd",
    "containerd-shim-runc-v2",
    "conntrack",
    "ctr",
    "ethtool",
    "ip",
    "iptables",
    "mount",
    "nsenter",
    "runc",
    "socat",
    "unshare",
)
_PACKAGES = ("cryptography", "moto", "websockets", "werkzeug")
_CNI = "/usr/lib/cni/bridge"
_INSTALL = "python -m opsctl.sandbox.packages installs them (make setup does it too)"


def check() -> None:
    """Raises OpsError for the first thing that rules a sandbox out, ToolMissing with every missing program."""
    _computer()
    _packages()
    missing = [name for name in _PROGRAMS if not shutil.which(name)]
    missing += [] if os.path.exists(_CNI) else ["containernetworking-plugins"]
    if missing:
        raise ToolMissing(f"the sandbox needs {', '.join(missing)}", state="Nothing was started.", hint=_INSTALL)


def _packages() -> None:
    missing = [name for name in _PACKAGES if find_spec(name) is None]
    if missing:
        raise ToolMissing(
            f"the sandbox needs the Python packages {', '.join(missing)}", state="Nothing was started.",
            hint="pip install '.[sandbox]' in opsctl's checkout, with the pip that installed opsctl",
        )  # fmt: skip


def _computer() -> None:
    if sys.platform != "linux":
        raise OpsError(
            f"the sandbox needs Linux, this is {sys.platform}",
            state="Nothing was started.",
            hint="name another cluster in the environment file (kind, k3d, EKS), or use a Linux machine",
        )
    if os.geteuid() != 0:
        raise OpsError("the sandbox needs root: it makes namespaces", state="Nothing was started.", hint="use sudo")
