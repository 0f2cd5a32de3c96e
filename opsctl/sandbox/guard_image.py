"""What the guard's image holds: the part of opsctl that runs in a pod, and the three small packages that it needs."""

from __future__ import annotations

import hashlib
import py_compile
import shutil
from importlib.util import cache_from_source, find_spec
from pathlib import Path

from opsctl.errors import ToolMissing
from opsctl.sandbox import folder

PACKAGES = ("annotated_types", "urllib3", "websocket")
_OWN = ("core", "flows", "guard", "ports", "tools/cluster", "tools/queries")
_OWN_FILES = (
    "__init__.py", "errors.py", "tools/__init__.py", "tools/clock.py", "tools/metrics_text.py",
    "tools/person.py",
)  # fmt: skip


def files(into: Path) -> dict[str, Path]:
    """Name in the image to the file that it is made of; byte code is made in `into`, where the sources changed.

    By hash, not by time, as times are not kept in a layer; and unchecked, as nobody changes an image's files.
    """
    sources = {f"app/{name}": path for name, path in sorted(_sources().items())}
    digest = hashlib.sha256(b"".join(name.encode() + path.read_bytes() for name, path in sources.items())).hexdigest()
    mark = into / "sources"
    if not mark.exists() or mark.read_text() != digest:
        shutil.rmtree(into, ignore_errors=True)
        for name, path in sources.items():
            mode = py_compile.PycInvalidationMode.UNCHECKED_HASH
            py_compile.compile(str(path), str(_compiled(into, name)), f"/{name}", True, invalidation_mode=mode)
        folder.write(mark, digest)
    return {**sources, **{cache_from_source(name): _compiled(into, name) for name in sources}}


def _sources() -> dict[str, Path]:
    own = _root("opsctl")
    found = {name: own / name for name in _OWN_FILES}
    for part in _OWN:
        found |= {str(path.relative_to(own)): path for path in (own / part).rglob("*.py")}
    named = {f"opsctl/{name}": path for name, path in found.items()}
    for package in PACKAGES:
        root = _root(package)
        modules = (path.relative_to(root) for path in root.rglob("*.py"))
        named |= {f"{package}/{path}": root / path for path in modules if "tests" not in path.parts}
    return named


def _root(package: str) -> Path:
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise ToolMissing(f"the Python package {package} is not installed", hint="install opsctl[sandbox] anew")
    return Path(spec.submodule_search_locations[0])


def _compiled(into: Path, name: str) -> Path:
    return into / cache_from_source(name)
