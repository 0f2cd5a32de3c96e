"""Recorded moments of releases, drawn at several sizes. `make screenshots` writes what the tests compare with.

The moments in tests/cases/pictures/*.json are objects that `opsctl status --watch -o json` printed.
"""

from __future__ import annotations

import io
import json
import os
import sys
import time
from pathlib import Path

from rich.console import Console

from opsctl.console.picture_view import Size, picture_view
from opsctl.core.picture import Picture

ROOT = Path(__file__).resolve().parents[2]
CASES = ROOT / "tests" / "cases" / "pictures"
SCREENSHOT = ROOT / "docs" / "status-watch.svg"
SIZES = (Size(80, 24), Size(60, 15), Size(200, 50), Size(40, 8))
SHOWN, SHOWN_SIZE = "draining", Size(96, 25)
INFRASTRUCTURE = "applied 2 d ago by ana: 61 added, 0 changed, 0 destroyed"
LATER_S = 0.4  # a picture is drawn a little after the look

# No font from anywhere: whoever reads the page may be offline, and a picture should ask nobody.
_SVG = """\
<svg class="rich-terminal" viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg">
<style>
.{unique_id}-matrix {{ font-family: ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace; \
font-size: {char_height}px; line-height: {line_height}px; font-variant-east-asian: full-width; }}
.{unique_id}-title {{ font-size: 18px; font-weight: bold; font-family: sans-serif; }}
{styles}
</style>
<defs><clipPath id="{unique_id}-clip-terminal">
<rect x="0" y="0" width="{terminal_width}" height="{terminal_height}" />
</clipPath>
{lines}
</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
"""


def picture(name: str) -> Picture:
    found: Picture = json.loads((CASES / f"{name}.json").read_text())
    return found


def names() -> list[str]:
    return sorted(path.stem for path in CASES.glob("*.json"))


def text_file(name: str, size: Size) -> Path:
    return CASES / f"{name}.{size.width}x{size.height}.txt"


def text(found: Picture, size: Size, later: float = LATER_S) -> str:
    """As it stands on a terminal without colour; no blanks at the ends of lines."""
    out = io.StringIO()
    console = Console(file=out, width=size.width, height=size.height, color_system=None, highlight=False)
    console.print(picture_view(found, INFRASTRUCTURE, found["at"] + later, size))
    return "".join(f"{line.rstrip()}\n" for line in out.getvalue().splitlines())


def svg(found: Picture) -> str:
    console = Console(
        file=io.StringIO(), record=True, width=SHOWN_SIZE.width, height=SHOWN_SIZE.height, force_terminal=True,
        color_system="truecolor", highlight=False, legacy_windows=False, _environ={},
    )  # fmt: skip
    console.print(picture_view(found, INFRASTRUCTURE, found["at"] + LATER_S, SHOWN_SIZE))
    return console.export_svg(title="opsctl status --watch", unique_id="watch", code_format=_SVG)


def in_utc() -> None:
    """The same hours everywhere."""
    os.environ["TZ"] = "UTC"
    time.tzset()


if __name__ == "__main__":
    in_utc()
    for case in names():
        for size in SIZES:
            text_file(case, size).write_text(text(picture(case), size))
    SCREENSHOT.write_text(svg(picture(SHOWN)))
    sys.stdout.write(f"wrote {SCREENSHOT} and the texts in {CASES}\n")
