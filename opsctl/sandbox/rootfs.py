"""A Python 3.11 root file system from Debian packages, as one image layer. Made once, kept in the cache folder."""

from __future__ import annotations

import hashlib
import tarfile
import tempfile
from collections.abc import Callable
from pathlib import Path

from opsctl.errors import ToolFailed
from opsctl.sandbox import folder, packages, process, toolchain

PACKAGES = (
    "libbz2-1.0",
    "libc6",
    "libcrypt1",
    "libexpat1",
    "libffi8",
    "libgcc-s1",
    "liblzma5",
    "libpython3.11-minimal",
    "libpython3.11-stdlib",
    "libssl3",
    "libuuid1",
    "python3-websockets",
    "python3.11-minimal",
    "zlib1g",
)
_USELESS = ("usr/share/doc", "usr/share/man", "usr/share/locale", "usr/share/lintian", "usr/share/bug")
_BUSY = "another process has been making the Python image for 10 min"
_LAYOUT = "1"  # raise it when what is done with the packages changes


def layer(waiting: Callable[[], None]) -> Path:
    """The layer's tar file. Several processes may ask at once: one makes it, others call `waiting` and wait."""
    name = hashlib.sha256("\n".join((_LAYOUT, *PACKAGES)).encode()).hexdigest()[:16]
    made = toolchain.cache() / "images" / f"python-{name}.tar"
    made.parent.mkdir(parents=True, exist_ok=True)
    with folder.locked(made.with_suffix(".lock"), _BUSY, 600, waiting):
        if not made.exists():
            _make(made)
    return made


def _make(made: Path) -> None:
    with tempfile.TemporaryDirectory(dir=made.parent) as scratch:
        root, debs = Path(scratch, "root"), Path(scratch, "debs")
        root.mkdir()
        for deb in _download(debs):
            process.run(["dpkg", "-x", str(deb), str(root)])
        for useless in _USELESS:
            process.run(["rm", "-rf", str(root / useless)])
        (root / "usr/bin/python3").symlink_to("python3.11")
        (root / "tmp").mkdir(mode=0o777)
        _compile(root)
        draft = Path(scratch, "layer.tar")
        with tarfile.open(draft, "w") as tar:
            tar.add(root, arcname=".", filter=anonymous)
        draft.replace(made)


def _download(into: Path) -> list[Path]:
    """Fetch the packages. Package lists can be missing or out of date; then they are fetched first."""
    into.mkdir()
    fetch = ["apt-get", "download", "-qq", "-o", "APT::Sandbox::User=root", *PACKAGES]
    try:
        process.run(fetch, seconds=300, cwd=into)
    except ToolFailed:
        packages.update()
        process.run(fetch, seconds=300, cwd=into)
    return sorted(into.glob("*.deb"))


def _compile(root: Path) -> None:
    """Byte-compile with the image's own Python. By hash, not by time: times are not kept in the layer."""
    options = ("-q", "--invalidation-mode", "unchecked-hash")
    process.run(["chroot", str(root), "/usr/bin/python3", "-m", "compileall", *options, "/usr/lib"], seconds=120)


def anonymous(member: tarfile.TarInfo) -> tarfile.TarInfo:
    """A tar member without what differs from one computer to the next, so that the same files give the same bytes."""
    member.mtime = 0
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    return member
