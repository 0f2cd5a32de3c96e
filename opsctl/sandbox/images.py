"""Container images without a builder: tar files in the format of `docker save`, imported straight into containerd."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from opsctl.sandbox import folder, guard_image, process, rootfs

AGENT_NAME = "ai-agent-sdk"
AGENT_VERSIONS = ("1.0.0", "1.1.0", "1.2.0")  # the same program; it tells its version from APP_VERSION
_AGENT_SOURCE = Path(__file__).resolve().parent / "agent"
GUARD = "opsctl:sandbox"  # templates/init/environments/sandbox.yaml names it
_USER = "10001:10001"
_PORTS = (8000, 8001, 8080)


@dataclass(frozen=True)
class Image:
    """`layers` are uncompressed tar files, lowest first; `config` is the `config` object of an image's JSON."""

    tag: str
    layers: tuple[Path, ...]
    config: dict[str, Any]


def wanted(toolchain: Path, into: Path, waiting: Callable[[], None]) -> list[Image]:
    """The pause image, each version of the agent's, and the guard's. Layers not cached elsewhere are in `into`."""
    into.mkdir(parents=True, exist_ok=True)
    pause = _layer(into / "pause.tar", {"pause": toolchain / "pause"}, executable=True)
    source = {f"app/agent/{path.relative_to(_AGENT_SOURCE)}": path for path in sorted(_AGENT_SOURCE.rglob("*.py"))}
    python = rootfs.layer(waiting)
    layers = (python, _layer(into / "agent.tar", source))
    agents = [Image(f"{AGENT_NAME}:{version}", layers, _agent_config(version)) for version in AGENT_VERSIONS]
    guard = Image(GUARD, (python, _layer(into / "guard.tar", guard_image.files(into / "guard"))), _guard_config())
    return [Image("opsctl-pause:1", (pause,), {"Entrypoint": ["/pause"]}), *agents, guard]


def load(images: list[Image], socket: Path, archive: Path) -> bool:
    """Import the images into containerd, unless this very content was imported before. Returns whether it did."""
    digest, mark = _digest(images), archive.with_suffix(".imported")
    if mark.exists() and mark.read_text() == digest and _present(socket) >= {_full(image.tag) for image in images}:
        return False
    _save(images, archive)
    process.run([*_ctr(socket), "images", "import", str(archive)], seconds=120)
    archive.unlink()
    folder.write(mark, digest)
    return True


def _agent_config(version: str) -> dict[str, Any]:
    return {
        "User": _USER,
        "Env": ["PATH=/usr/bin", "PYTHONPATH=/app", "PYTHONUNBUFFERED=1", f"APP_VERSION={version}"],
        "Entrypoint": ["python3", "-m", "agent"],
        "ExposedPorts": {f"{port}/tcp": {} for port in _PORTS},
        "WorkingDir": "/app",
    }


def _guard_config() -> dict[str, Any]:
    return {
        "User": _USER,
        "Env": ["PATH=/usr/bin", "PYTHONPATH=/app", "PYTHONUNBUFFERED=1"],
        "Entrypoint": ["python3", "-m", "opsctl.guard"],
        "WorkingDir": "/app",
    }


def _layer(path: Path, files: dict[str, Path], executable: bool = False) -> Path:
    with tarfile.open(path, "w") as tar:
        for name, source in files.items():
            member = rootfs.anonymous(tar.gettarinfo(source, name))
            member.mode = 0o755 if executable else 0o644
            with source.open("rb") as content:
                tar.addfile(member, content)
    return path


def _save(images: list[Image], archive: Path) -> None:
    """Write one archive; a layer that several images share is in it once."""
    manifest = []
    layers = {path: f"{_sha256(path)}.tar" for image in images for path in image.layers}
    with tarfile.open(archive, "w") as tar:
        for path, name in layers.items():
            tar.add(path, name, filter=rootfs.anonymous)
        for image in images:
            config = json.dumps(_document(image)).encode()
            name = f"{hashlib.sha256(config).hexdigest()}.json"
            _add(tar, name, config)
            manifest.append({"Config": name, "RepoTags": [image.tag], "Layers": [layers[p] for p in image.layers]})
        _add(tar, "manifest.json", json.dumps(manifest).encode())


def _add(tar: tarfile.TarFile, name: str, content: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size = len(content)
    tar.addfile(member, io.BytesIO(content))


def _document(image: Image) -> dict[str, Any]:
    return {
        "architecture": _architecture(),
        "os": "linux",
        "config": image.config,
        "rootfs": {"type": "layers", "diff_ids": [f"sha256:{_sha256(path)}" for path in image.layers]},
    }


def _architecture() -> str:
    return process.run(["dpkg", "--print-architecture"]).strip()


def _digest(images: list[Image]) -> str:
    return hashlib.sha256(json.dumps([[i.tag, _document(i)] for i in images]).encode()).hexdigest()


@cache
def _sha256(path: Path) -> str:
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _present(socket: Path) -> set[str]:
    return set(process.run([*_ctr(socket), "images", "list", "--quiet"]).split())


def _ctr(socket: Path) -> list[str]:
    return ["ctr", "--address", str(socket), "--namespace", "k8s.io"]


def _full(tag: str) -> str:
    return f"docker.io/library/{tag}"
