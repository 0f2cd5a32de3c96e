"""Where the sandbox's programs are: built once from the pinned Go modules beside this file, kept in a cache folder.

The cache's key is the text of every go.mod, go.sum and Go file here, so another pin is another folder, and folders of
several checkouts live side by side.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from opsctl.errors import ToolMissing
from opsctl.sandbox import process

MODULES = Path(__file__).resolve().parent
_HELM_MAJOR = 4


@dataclass(frozen=True)
class Program:
    """`module` is a folder beside this file, or an absolute path; `package` is what is built.

    `minutes` are for two cores and a cold cache.
    """

    name: str
    module: str
    package: str
    minutes: float


PROGRAMS = (
    Program("pause", "pause", ".", 0.1),
    Program("etcd", "etcd", "go.etcd.io/etcd/server/v3", 1),
    Program("kube-apiserver", "kubernetes", "k8s.io/kubernetes/cmd/kube-apiserver", 4),
    Program("kubelet", "kubernetes", "k8s.io/kubernetes/cmd/kubelet", 1),
    Program("kube-controller-manager", "kubernetes", "k8s.io/kubernetes/cmd/kube-controller-manager", 0.5),
    Program("kube-scheduler", "kubernetes", "k8s.io/kubernetes/cmd/kube-scheduler", 0.2),
    Program("kube-proxy", "kubernetes", "k8s.io/kubernetes/cmd/kube-proxy", 0.2),
    Program("helm", "helm", "helm.sh/helm/v4/cmd/helm", 2.5),
)


def cache() -> Path:
    """The user's cache folder for opsctl; XDG_CACHE_HOME is honoured."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "opsctl"


def folder() -> Path:
    """The folder of the programs for these pins, built or not."""
    digest = hashlib.sha256()
    for path in sorted(MODULES.rglob("*")):
        if path.suffix in (".mod", ".sum", ".go"):
            digest.update(f"{path.relative_to(MODULES)}\0".encode() + path.read_bytes())
    return cache() / "toolchain" / digest.hexdigest()[:16] / "bin"


def missing() -> list[Program]:
    """Programs that are yet to be built."""
    return [program for program in PROGRAMS if not (folder() / program.name).exists()]


def helm() -> Path:
    """Helm 4 or later: OPSCTL_HELM, else PATH, else the cache. Raises ToolMissing."""
    if named := os.environ.get("OPSCTL_HELM"):
        return Path(named)
    if (on_path := shutil.which("helm")) and _major(on_path) >= _HELM_MAJOR:
        return Path(on_path)
    if (cached := folder() / "helm").exists():
        return cached
    raise ToolMissing("Helm 4 is not installed", hint="run `make setup`, or put helm 4 on PATH")


def link_helm() -> None:
    """Put Helm beside opsctl's own Python, where opsctl looks first, so that nobody has to touch PATH."""
    link, wanted = Path(sys.executable).parent / "helm", helm()
    if link.is_symlink() and link.resolve() == wanted.resolve():
        return
    link.unlink(missing_ok=True)
    link.symlink_to(wanted)


def _major(helm: str) -> int:
    version = process.run([helm, "version", "--template", "{{.Version}}"])
    return int(version.removeprefix("v").split(".")[0])
