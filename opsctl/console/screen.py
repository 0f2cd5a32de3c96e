"""A picture that renews itself on a terminal of any size, and leaves it as it was, however it ends.

Looking may block on a silent cluster, so it is done beside: the picture's age goes on, and Ctrl-C is heard at once.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING

from rich.live import Live

from opsctl.console.picture_view import Size
from opsctl.core.picture import Picture

if TYPE_CHECKING:
    from rich.console import Console as RichConsole
    from rich.console import RenderableType

    Told = SimpleQueue[Picture | BaseException | None]  # None: the terminal has another size

_REDRAW_S = 1.0  # ages and deadlines go on where nothing else is new
_USUAL = Size(80, 24)


def show_on_screen(
    pictures: Iterable[Picture], draw: Callable[[Picture, Size], RenderableType], console: RichConsole
) -> None:
    """Draw each picture as it comes, until KeyboardInterrupt. Raises what `pictures` raises, with the screen left."""
    told: Told = SimpleQueue()
    threading.Thread(target=_tell, args=(pictures, told), name="look", daemon=True).start()
    picture = None
    with _told_of_resizing(told), _screen(console) as live:
        while True:
            picture = _next(told) or picture
            size = console.size = _size()
            if picture:
                live.update(draw(picture, size), refresh=True)


def _tell(pictures: Iterable[Picture], told: Told) -> None:
    try:
        for picture in pictures:
            told.put(picture)
    except BaseException as error:  # whoever draws raises it
        told.put(error)


def _next(told: Told) -> Picture | None:
    """The next picture; None where there is none yet, but it is time to draw again."""
    try:
        found = told.get(timeout=_REDRAW_S)
    except Empty:
        return None
    if isinstance(found, BaseException):
        raise found
    return found


def _screen(console: RichConsole) -> Live:
    return Live(console=console, screen=True, auto_refresh=False, redirect_stdout=False, redirect_stderr=False)


@contextmanager
def _told_of_resizing(told: Told) -> Iterator[None]:
    """A queue of this kind may be put to from a signal's handler."""
    before = signal.signal(signal.SIGWINCH, lambda number, frame: told.put(None))
    try:
        yield
    finally:
        signal.signal(signal.SIGWINCH, before)


def _size() -> Size:
    """Asked anew each time, and of the terminal itself: COLUMNS in the environment knows nothing of a new size."""
    try:
        found = Size(*os.get_terminal_size(sys.stdout.fileno()))
    except OSError:
        return _USUAL
    return found if all(found) else _USUAL
