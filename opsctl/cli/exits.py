"""The one place where an error becomes words and an exit code."""

from __future__ import annotations

import errno
import io
import itertools
import signal
import sys
import traceback
from collections.abc import Callable, Sequence
from typing import Any

from opsctl.cli.options import make_console
from opsctl.console import Console, Output
from opsctl.errors import ConfigurationError, ExitCode, Interrupted, OpsError, TerraformFailed


def run(app: Callable[..., Any], arguments: Sequence[str]) -> int:
    """Run the Typer app and return the exit code. A traceback is shown only with --verbose."""
    console = _console_for(arguments)
    try:
        app(list(arguments), prog_name="opsctl", standalone_mode=True)
    except SystemExit as exit_:
        if exit_.code == ExitCode.INTERRUPTED:  # Typer has turned Ctrl-C into an exit without a word
            return _report(console, _interrupted())
        return exit_.code if isinstance(exit_.code, int) else int(exit_.code is not None)
    except OpsError as error:
        return _report(console, error)
    except KeyboardInterrupt:
        return _report(console, _interrupted())
    except OSError as error:
        return _report(console, _without_room(error) if error.errno in _UNWRITABLE else _defect(error))
    except Exception as error:  # a defect of ours: say so in one line, keep the evidence for a report
        return _report(console, _defect(error))
    return ExitCode.DONE


_UNWRITABLE = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES)


def _without_room(error: OSError) -> OpsError:
    """A full disk or a missing right is nobody's defect."""
    where = f"{error.filename}: " if error.filename else "a file could not be written: "
    return OpsError(
        f"{where}{error.strerror}",
        state="The command stopped where it was; opsctl status shows what is there.",
        hint="make room (the project's .opsctl, temporary files), or take a folder that you may write to; then again",
    )


def _interrupted() -> Interrupted:
    return Interrupted("interrupted", hint="opsctl status shows where things stand")


def _report(console: Console, error: OpsError) -> int:
    if console.verbose:
        traceback.print_exception(error)
    console.error(error)
    if console.output is Output.JSON:
        console.data({"error": as_json(error)})
    return error.exit_code


def as_json(error: OpsError) -> dict[str, Any]:
    found: dict[str, Any] = {"message": error.message, "state": error.state, "hint": error.hint}
    if isinstance(error, ConfigurationError):
        found["mistakes"] = [vars(mistake) for mistake in error.mistakes]
    if isinstance(error, TerraformFailed):
        found["cards"] = [dict(card) for card in error.cards]
    return {**found, "exit_code": int(error.exit_code)}


def _defect(error: Exception) -> OpsError:
    wrapped = OpsError(
        f"opsctl met something it did not expect: {type(error).__name__}: {error}",
        state="The command stopped where it was; opsctl status shows what is there.",
        hint="the same command with --verbose shows where; please report it",
    )
    wrapped.__cause__ = error
    return wrapped


def _console_for(arguments: Sequence[str]) -> Console:
    """Read the three options that change how an error looks, as parsing itself may be what failed."""
    words = list(arguments)
    as_json_ = any(pair in (("-o", "json"), ("--output", "json")) for pair in itertools.pairwise(words))
    wants_json = as_json_ or "--output=json" in words or "-ojson" in words
    verbose = "--verbose" in words or any(w.startswith("-") and not w.startswith("--") and "v" in w[1:] for w in words)
    return make_console(Output.JSON if wants_json else Output.TEXT, verbose, "--no-color" in words)


def main() -> None:
    """The program. SIGINT is heard even in the background job of a script, which inherits an ignored one; SIGTERM is
    the same wish, so that a lock is given back."""
    from opsctl.cli import app

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    for stream in (sys.stdout, sys.stderr):  # an ASCII terminal gets "?" for a glyph, rather than no answer
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    sys.exit(run(app, sys.argv[1:]))
