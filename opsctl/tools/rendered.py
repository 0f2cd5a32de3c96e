"""Writes `.opsctl/<environment>/`: Terraform's files with their variables, and Helm values.

Each file is replaced as a whole and only when its bytes differ. A list of what was written is kept, so that a
file which is no longer rendered goes away, while everything else in the folder (Terraform's own `.terraform/`,
lock file and plans, or the sandbox's state) is never touched.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from tempfile import NamedTemporaryFile
from typing import Any

from opsctl.assets import asset
from opsctl.core.environment import Environment
from opsctl.errors import OpsError
from opsctl.render.files import texts
from opsctl.render.places import NOTHING

_LIST = "rendered.json"
_NOT_COPIED = {"bootstrap", "tests", "waivers.yaml", "plan_only.yaml"}  # one of its own; what judges ours


@dataclass(frozen=True)
class Rendered:
    """What one rendering did to `folder`; paths are relative to it."""

    folder: Path
    files: tuple[str, ...]
    written: tuple[str, ...]  # new or changed
    removed: tuple[str, ...]

    @property
    def terraform(self) -> Path:
        return self.folder / "terraform"


def folder_of(project: Path, environment: str) -> Path:
    return project / ".opsctl" / environment


def write(project: Path, environment: Environment, outputs: Mapping[str, Any] = NOTHING) -> Rendered:
    """Render `environment` and what was provisioned for it into the project. Raises OpsError where the folder cannot
    be written."""
    folder = folder_of(project, environment.name)
    contents = {**_terraform(), **{path: text.encode() for path, text in texts(environment, outputs).items()}}
    try:
        return _write(folder, contents)
    except OSError as error:
        raise OpsError(
            f"cannot write {error.filename or folder}: {error.strerror}",
            state="Files already written are complete; the same command goes on from there.",
            hint="check the folder's owner and free space, then opsctl render again",
        ) from error


def _write(folder: Path, contents: dict[str, bytes]) -> Rendered:
    folder.mkdir(parents=True, exist_ok=True)
    before = _listed(folder)
    _note(folder, sorted(before | contents.keys()))  # first, so that an interrupted run leaves nothing unlisted
    written = tuple(path for path, content in sorted(contents.items()) if _replace(folder / path, content))
    removed = tuple(sorted(before - contents.keys()))
    for path in removed:
        _remove(folder, path)
    _note(folder, sorted(contents))
    return Rendered(folder, tuple(sorted(contents)), written, removed)


def _terraform() -> dict[str, bytes]:
    root = asset("terraform")
    files = (path.relative_to(root) for path in root.rglob("*") if path.is_file())
    wanted = [file for file in files if file.parts[0] not in _NOT_COPIED and not _hidden(file)]
    return {f"terraform/{file.as_posix()}": (root / file).read_bytes() for file in wanted}


def _hidden(file: Path) -> bool:
    """Terraform's working files, which a checkout may hold beside its sources."""
    return any(part.startswith(".") for part in file.parts) or "tfstate" in file.name


def _replace(path: Path, content: bytes) -> bool:
    """Write all or nothing; False where the file already says so."""
    if path.is_file() and path.read_bytes() == content:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
        try:
            file.write(content)
            os.chmod(file.name, 0o644)
            os.replace(file.name, path)
        except BaseException:
            os.unlink(file.name)
            raise
    return True


def _remove(folder: Path, path: str) -> None:
    target = folder / path
    target.unlink(missing_ok=True)
    with suppress(OSError):  # a folder that still holds something stays
        while (target := target.parent) != folder:
            target.rmdir()


def _listed(folder: Path) -> set[str]:
    """Files that an earlier run wrote. Damaged or foreign entries are passed over, never followed out of the folder."""
    try:
        listed = json.loads((folder / _LIST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return set()
    paths = listed if isinstance(listed, list) else []
    return {path for path in paths if isinstance(path, str) and _inside(PurePosixPath(path))}


def _inside(path: PurePosixPath) -> bool:
    return bool(path.parts) and not path.is_absolute() and ".." not in path.parts


def _note(folder: Path, paths: list[str]) -> None:
    _replace(folder / _LIST, (json.dumps(paths, indent=1) + "\n").encode())
