"""Writes a project's first files. What is there already is never overwritten."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from opsctl.assets import asset
from opsctl.errors import OpsError

_IGNORED = (".opsctl/", "report-[0-9]*.html")  # rendered files, plans, the sandbox's state; what `report` writes


@dataclass(frozen=True)
class Scaffolded:
    """Paths relative to the project."""

    written: tuple[str, ...]
    kept: tuple[str, ...]


def scaffold(project: Path) -> Scaffolded:
    """Copy the example environments and keep what opsctl writes later out of version control.

    Raises OpsError if it cannot.
    """
    root = asset("templates") / "init"
    contents = {str(path.relative_to(root)): path.read_bytes() for path in sorted(root.rglob("*.yaml"))}
    try:
        written = [path for path, content in contents.items() if _create(project / path, content)]
        if _ignore(project / ".gitignore"):
            written.append(".gitignore")
    except OSError as error:
        raise OpsError(
            f"cannot write {error.filename}: {error.strerror}",
            state="Files already written stay; nothing was overwritten.",
            hint="choose a folder you may write to with -C DIR",
        ) from error
    kept = tuple(path for path in [*contents, ".gitignore"] if path not in written)
    return Scaffolded(tuple(written), kept)


def _create(path: Path, content: bytes) -> bool:
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with path.open("xb") as file:
            file.write(content)
    except FileExistsError:
        return False
    return True


def _ignore(path: Path) -> bool:
    """Add the lines that are not there; False where all are."""
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    there = {line.strip() for line in text.splitlines()}
    lacking = [line for line in _IGNORED if line not in there]
    if not lacking:
        return False
    gap = "" if not text or text.endswith("\n") else "\n"
    path.write_text(text + gap + "".join(f"{line}\n" for line in lacking), encoding="utf-8")
    return True
