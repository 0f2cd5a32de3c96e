"""The live picture of a release for one size of terminal: both colors side by side, and what is going on below.

Everything is made from the object that `status --watch -o json` prints, and from the time. No line is longer than
the terminal is wide, and there are never more lines than it is high: what matters least goes first.
"""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from opsctl.console.picture_words import age_words, clock_words, color_words, facts, last_entries
from opsctl.core.picture import Picture

_MARKS = {"healthy": ("✓", "green"), "unhealthy": ("✗", "bold red"), "unknown": ("?", "yellow")}
_LABEL = 10
_ROOMY = 20  # lines, from which on the colors have a frame line more and facts may take two lines
_LEAST = (50, 13)  # columns and lines, for the colors side by side
_WIDE = 130  # columns, from which on the journal stands beside the facts


class Size(NamedTuple):
    width: int
    height: int


def picture_view(found: Picture, infrastructure: str, now: float, size: Size) -> RenderableType:
    """At most `size.height` lines of at most `size.width` columns."""
    if size.width < _LEAST[0] or size.height < _LEAST[1]:
        return _tiny(found, infrastructure, now, size)
    roomy = size.height >= _ROOMY
    colors = [_color_panel(color, found, size.width, roomy) for color in found["colors"]]
    taken = 2 + _panel_height(found, roomy)
    room = Size(size.width, max(0, size.height - taken))
    below = _below(found, infrastructure, now, room, 2 if roomy else 1)
    return Group(_title(found, size.width), _beside(colors), below, _foot(found, now, size.width))


def _tiny(found: Picture, infrastructure: str, now: float, size: Size) -> RenderableType:
    """Where no two colors fit side by side: a line each."""
    told = [*((color, color_words(row)) for color, row in found["colors"].items()), *facts(found, infrastructure, now)]
    lines = [_title(found, size.width), *_fact_lines(told, size.width, 1)]
    return Group(*lines[: size.height])


def _title(found: Picture, width: int) -> Text:
    progress = found["progress"]
    what = f" · {progress['kind']} of release {progress['release']} → {progress['color']}" if progress else ""
    title, clock = f"{found['environment']}{what}", clock_words(found["at"])
    return _cut(Text(f"{title:<{max(0, width - len(clock))}}{clock}" if width > 40 else title, style="bold"), width)


def _beside(panels: Sequence[RenderableType]) -> Table:
    grid = Table.grid(expand=True)
    for _ in panels:
        grid.add_column(ratio=1)
    grid.add_row(*panels)
    return grid


# --- a color ----------------------------------------------------------------------------------------------


def _panel_height(found: Picture, roomy: bool) -> int:
    services = max(len(color["services"]) for color in found["colors"].values())
    return 2 + (4 if roomy else 2) + services


def _color_panel(color: str, found: Picture, width: int, roomy: bool) -> Panel:
    row, inner = found["colors"][color], width // 2 - 4
    lines = [*_head_lines(row, roomy), *_service_lines(row), *_traffic_lines(color, found, roomy)]
    title = f"{'▶ ' if row['serving'] else ''}{color} · " + (f"release {row['release']}" if row["release"] else "empty")
    return Panel(
        Group(*(_cut(line, inner) for line in lines)),
        title=title, title_align="left", subtitle=_cut(_verdict(row), inner), subtitle_align="left",
        border_style="green" if row["serving"] else "dim", height=_panel_height(found, roomy),
    )  # fmt: skip


def _head_lines(row: Mapping[str, Any], roomy: bool) -> list[Text]:
    restarts = f" · {row['restarts']} restarts" if row["restarts"] else ""
    pods = _labelled("pods", f"{row['ready']}/{row['desired']} ready{restarts}{_parts(row['workloads'])}")
    return [_labelled("image", row["image"] or "-"), pods] if roomy else [pods]


def _parts(workloads: Mapping[str, Any]) -> str:
    """Only where there are several."""
    told = ", ".join(f"{name} {part['ready']}/{part['desired']}" for name, part in workloads.items())
    return f" · {told}" if len(workloads) > 1 else ""


def _service_lines(row: Mapping[str, Any]) -> list[Text]:
    if not row["desired"]:
        return [_labelled(name, "-") for name in row["services"]]
    return [_labelled(name, *_judged(found)) for name, found in row["services"].items()]


def _judged(found: Mapping[str, Any]) -> tuple[str, str]:
    """A mark and a word: colour only repeats what they say."""
    mark, style = _MARKS[found["verdict"]]
    word = {"healthy": "ok", "unhealthy": f"BAD · {found['detail']}", "unknown": found["detail"] or "unknown"}
    return f"{mark} {word[found['verdict']]}", style


def _verdict(row: Mapping[str, Any]) -> Text:
    if not row["desired"]:
        return Text("no pods wanted", style="dim")
    mark, style = _MARKS[row["verdict"]]
    detail = "" if row["verdict"] == "healthy" else f": {row['detail']}"
    return Text(f"{mark} {row['verdict']}{detail}", style=style)


def _traffic_lines(color: str, found: Picture, roomy: bool) -> list[Text]:
    row, progress = found["colors"][color], found["progress"]
    shares = [router[color] for router in found["traffic"]] or [0]
    share = f"{max(shares)} %" if len(set(shares)) == 1 else "routers differ"
    left = progress["agents_left"] if progress and progress["origin"] == color else None
    sockets = "-" if row["sockets"] is None else str(row["sockets"])
    if not roomy:
        return [Text(f"users {share} · " + (f"{left} agents left" if left else f"sockets {sockets}"))]
    sockets += f" · {left} agents left" if left else ""
    return [_labelled("sockets", sockets), _labelled("traffic", share, "bold" if row["serving"] else "")]


# --- below ------------------------------------------------------------------------------------------------


def _below(found: Picture, infrastructure: str, now: float, size: Size, most: int) -> RenderableType:
    """Facts and the journal; on a wide terminal side by side, else the journal has a quarter or what is left."""
    told = facts(found, infrastructure, now)
    if size.width < _WIDE:
        above = _fact_lines(told, size.width, most)[: size.height - size.height // 4]
        return Group(*above, *_journal_lines(found, size.width, size.height - len(above)))
    half = size.width // 2 - 1
    left = _fact_lines(told, half, most)[: size.height]
    return _beside([Group(*left), Group(*_journal_lines(found, half, size.height))])


def _fact_lines(told: Sequence[tuple[str, str]], width: int, most: int) -> list[Text]:
    """Each at most so many lines long."""
    return [line for label, words in told for line in _wrapped(label, words, width, most)]


def _wrapped(label: str, words: str, width: int, most: int) -> list[Text]:
    room = max(8, width - _LABEL - 4)
    lines = textwrap.wrap(words, room, max_lines=most, placeholder=" …", break_on_hyphens=False)
    return _under(label, lines, width, "bold red" if label == "old" else "")


def _journal_lines(found: Picture, width: int, height: int) -> list[Text]:
    """The newest entries, the last one lowest."""
    return _under("journal", last_entries(found["journal"], height), width, "dim")


def _under(label: str, lines: Sequence[str], width: int, style: str) -> list[Text]:
    labels = [label, *[""] * len(lines)]
    return [_cut(_labelled(label, line, style, 2), width) for label, line in zip(labels, lines, strict=False)]


def _foot(found: Picture, now: float, width: int) -> Text:
    return _cut(Text(f"  Ctrl-C leaves · {age_words(found, now)}", style="dim"), width)


def _labelled(label: str, words: str, style: str = "", indent: int = 0) -> Text:
    return Text.assemble(f"{'':<{indent}}{label:<{_LABEL}}", (words, style))


def _cut(text: Text, width: int) -> Text:
    cut = text.copy()
    cut.truncate(max(1, width), overflow="ellipsis")
    return cut
