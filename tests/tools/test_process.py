"""Child processes: what they get, what they return, and how they are stopped. All children here are real."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from opsctl.errors import Interrupted, ToolFailed, ToolMissing
from opsctl.tools.process import Command, in_use, run, stream

pytestmark = pytest.mark.process

CLEANS_UP = """
import pathlib, signal, sys, time
seen = []
signal.signal(signal.SIGINT, lambda *_: seen.append(1))
print("ready", flush=True)
while not seen:
    time.sleep(0.01)
time.sleep(1.5)
pathlib.Path(sys.argv[1]).write_text(f"{len(seen)} signals, lock released")
print("cleaned", flush=True)
"""


def python(script: str, *arguments: object, **options: object) -> Command:
    return Command((sys.executable, "-c", script, *map(str, arguments)), **options)  # type: ignore[arg-type]


def test_returns_output_and_exit_code() -> None:
    script = "import sys; print(sys.stdin.read()); print('e', file=sys.stderr); sys.exit(3)"
    finished = run(python(script), stdin="given")
    assert (finished.exit_code, finished.stdout, finished.stderr) == (3, "given\n", "e\n")


def test_large_output_on_both_streams_does_not_block() -> None:
    finished = run(python("import sys; sys.stderr.write('e' * 500_000); sys.stdout.write('o' * 500_000)"), timeout=20)
    assert (len(finished.stdout), len(finished.stderr)) == (500_000, 500_000)


def test_environment_is_laid_over_ours_and_none_removes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GONE", "1")
    monkeypatch.setenv("KEPT", "2")
    script = "import os; print([os.environ.get(name) for name in ('GONE', 'KEPT', 'NEW')])"
    finished = run(python(script, environment={"GONE": None, "NEW": "3"}))
    assert finished.stdout.strip() == "[None, '2', '3']"


def test_missing_program_names_the_remedy() -> None:
    with pytest.raises(ToolMissing, match="no-such-program is not installed") as error:
        run(Command(("no-such-program",), remedy="install it"))
    assert error.value.hint == "install it"


def test_printing_hides_secrets_and_environment_values() -> None:
    command = Command(("tool", "--token=s3cret", "a b"), environment={"KEY": "hidden"}, secrets=frozenset({"s3cret"}))
    assert str(command) == "tool --token=*** 'a b'"
    assert "hidden" not in repr(command)
    assert "s3cret" not in repr(command)


def test_lines_arrive_while_the_program_runs(tmp_path: Path) -> None:
    """The program waits for a file that only the reader of its first line makes."""
    go_on = tmp_path / "go"
    script = """
import pathlib, sys, time
print("first", flush=True)
while not pathlib.Path(sys.argv[1]).exists(): time.sleep(0.01)
sys.stdout.write("last, without an end of line")
"""
    lines: list[str] = []

    def read(line: str) -> None:
        lines.append(line)
        go_on.touch()

    log = tmp_path / "lines"
    assert stream(python(script, go_on), read, log=log).exit_code == 0
    assert lines == ["first", "last, without an end of line"]
    assert log.read_text().startswith("first\n")
    assert log.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_is_passed_on_once_and_the_program_may_clean_up(tmp_path: Path, number: int) -> None:
    released, lines = tmp_path / "released", []

    def read(line: str) -> None:
        lines.append(line)
        if line == "ready":
            os.kill(os.getpid(), number)
            os.kill(os.getpid(), number)  # an impatient second Ctrl-C must not break the cleaning up

    started = time.monotonic()
    with pytest.raises(Interrupted, match="it has stopped"):
        stream(python(CLEANS_UP, released, holds_lock=True), read)
    assert released.read_text() == "1 signals, lock released"
    assert lines == ["ready", "cleaned"]
    assert time.monotonic() - started >= 1.5


def test_handlers_are_put_back() -> None:
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)]
    run(python(""))
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)] == before


def test_a_caller_with_a_handler_of_its_own_keeps_it() -> None:
    noticed = threading.Event()
    before = signal.signal(signal.SIGTERM, lambda *_: noticed.set())
    try:
        lines: list[str] = []

        def read(line: str) -> None:
            lines.append(line)
            os.kill(os.getpid(), signal.SIGTERM)

        assert stream(python("print('ready', flush=True)"), read).exit_code == 0
    finally:
        signal.signal(signal.SIGTERM, before)
    assert noticed.is_set()


def test_time_limit_asks_first() -> None:
    script = "import signal, time; signal.signal(signal.SIGINT, lambda *_: exit(0)); time.sleep(60)"
    with pytest.raises(ToolFailed, match=r"did not finish within 0.5 s"):
        run(python(script), timeout=0.5)


def test_deaf_program_is_killed_only_without_a_lock(tmp_path: Path) -> None:
    script = """
import pathlib, signal, sys, time
signal.signal(signal.SIGINT, signal.SIG_IGN)
time.sleep(2)
pathlib.Path(sys.argv[1]).touch()
"""
    free, holding = tmp_path / "free", tmp_path / "holding"
    for marker, holds_lock in ((free, False), (holding, True)):
        with pytest.raises(ToolFailed):
            run(python(script, marker, holds_lock=holds_lock, grace=0.2), timeout=0.5)
    assert (free.exists(), holding.exists()) == (False, True)


def test_a_failing_reader_does_not_leave_the_program_running(tmp_path: Path) -> None:
    def read(line: str) -> None:
        raise ValueError(line)

    with pytest.raises(ValueError, match="ready"):
        stream(python(CLEANS_UP, tmp_path / "released"), read)
    assert (tmp_path / "released").exists()


def test_the_program_outlives_a_killed_parent(tmp_path: Path) -> None:
    """kill -9 of opsctl in mid-apply: Terraform must go on, though nobody reads its output any more."""
    marker, pid = tmp_path / "finished", tmp_path / "pid"
    child = """
import os, pathlib, sys, time
pathlib.Path(sys.argv[2]).write_text(str(os.getppid()))
deadline = time.monotonic() + 20
while os.getppid() == int(pathlib.Path(sys.argv[2]).read_text()) and time.monotonic() < deadline: time.sleep(0.01)
for _ in range(10_000): print("a line that nobody reads", flush=True)
pathlib.Path(sys.argv[1]).touch()
"""
    parent = (
        "import sys; from opsctl.tools.process import Command, stream;"
        "stream(Command((sys.executable, '-c', *sys.argv[1:])), lambda line: None)"
    )
    killed = os.spawnv(os.P_NOWAIT, sys.executable, [sys.executable, "-c", parent, child, str(marker), str(pid)])
    _until(pid.exists)
    os.kill(killed, signal.SIGKILL)
    os.waitpid(killed, 0)
    _until(marker.exists)


def _until(condition: object, seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.02)


@pytest.mark.parametrize("dies_with_us", [True, False])
def test_a_program_dies_with_us_only_where_it_must(tmp_path: Path, dies_with_us: bool) -> None:
    """We are killed by SIGKILL: nothing of ours can end the program then."""
    said = tmp_path / "said"
    child = f"import os, pathlib, time; pathlib.Path({str(said)!r}).write_text(str(os.getpid())); time.sleep(30)"
    us = f"""
import sys
from opsctl.tools.process import Command, run
run(Command((sys.executable, "-c", {child!r}), dies_with_us={dies_with_us}))
"""
    process = subprocess.Popen([sys.executable, "-c", us])
    await_true(lambda: said.exists() and bool(said.read_text()))
    process.kill()
    process.wait()
    pid = int(said.read_text())
    try:
        if dies_with_us:
            await_true(lambda: gone(pid))
        else:
            time.sleep(0.5)
            assert not gone(pid)
    finally:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def gone(pid: int) -> bool:
    """It ended; a zombie whose parent has not asked yet counts."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True


def await_true(condition: Callable[[], bool], seconds: float = 10.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_log_is_in_use_while_its_writer_lives_be_opsctl_gone(tmp_path: Path) -> None:
    """The child inherits the log's lock: it is held until both have ended, however that was."""
    log, go = tmp_path / "apply.jsonl", tmp_path / "go"
    waits = (
        f"import pathlib, time\nprint(1, flush=True)\nwhile not pathlib.Path({str(go)!r}).exists(): time.sleep(0.01)"
    )
    starts = (
        "import sys; from pathlib import Path; from opsctl.tools.process import Command, stream\n"
        f"stream(Command((sys.executable, '-c', {waits!r})), print, log=Path({str(log)!r}))"
    )
    opsctl = subprocess.Popen((sys.executable, "-c", starts), stdout=subprocess.PIPE)
    assert opsctl.stdout
    with opsctl.stdout:
        assert opsctl.stdout.readline() == b"1\n"
    assert in_use(log)
    opsctl.kill()
    opsctl.wait(10)
    assert in_use(log), "the child goes on"
    go.touch()
    deadline = time.monotonic() + 10
    while in_use(log):
        assert time.monotonic() < deadline
        time.sleep(0.01)
