"""The table of every key in docs/configuration.md, made from the declaration.

`python -m opsctl.cli.reference` rewrites it; a test fails while the page says something else.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from opsctl.cli.explained import explained
from opsctl.core.keys import keys
from opsctl.core.uses import sentences
from opsctl.core.words import shown

PAGE = Path(__file__).resolve().parents[2] / "docs" / "configuration.md"
_BEGIN, _END = "<!-- keys: python -m opsctl.cli.reference -->\n", "<!-- end of keys -->\n"


def with_table(page: str) -> str:
    """`page` with the table between its two markers made anew."""
    before, rest = page.split(_BEGIN)
    return before + _BEGIN + "".join(_sections()) + _END + rest.split(_END)[1]


def _sections() -> Iterator[str]:
    section = None
    for path in keys():
        name = path.partition(".")[0] if "." in path else "(top level)"
        if name != section:
            section = name
            yield f"\n### {name}\n\n| Key | Allowed | Default | Meaning | Feeds |\n|---|---|---|---|---|\n"
        yield _row(path)
    yield "\n"


def _row(path: str) -> str:
    found = explained(path, None)
    default = "" if found["default"] is None else f"`{shown(found['default'])}`"
    feeds = "; ".join(dict.fromkeys(_short(path, fed) for fed in found["feeds"]))
    cells = [f"`{path}`", found["allowed"], default, found["meaning"], feeds]
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |\n"


def _short(path: str, fed: str) -> str:
    """Both colors are fed alike, and one Terraform folder is meant. A place is code, a use is a sentence."""
    short = fed.replace("values-blue", "values-*").replace("values-green", "values-*").removeprefix("terraform/")
    return fed if fed in sentences(path) else f"`{short}`"


if __name__ == "__main__":
    PAGE.write_text(with_table(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    sys.stdout.write(f"wrote {PAGE}\n")
