"""Processes are known by pid and start time, and one that holds a pid file's lock is never lost."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from opsctl.errors import OpsError, ToolFailed, ToolMissing
from opsctl.sandbox import daemon, process

SLEEP = ("sleep", "60")


@pytest.fixture
def child():
    running = subprocess.Popen(SLEEP)
    yield running
    running.kill()
    running.wait()


def test_a_process_is_found_with_its_start(child):
    found = process.find(child.pid)

    assert found.alive()
    assert abs(found.started_at() - time.time()) < 5


def test_a_zombie_does_not_run(child, eventually):
    found = process.find(child.pid)
    child.kill()

    eventually(lambda: not found.alive(), "the end of a process that nobody collected")
    assert os.path.exists(f"/proc/{child.pid}")
    assert process.find(child.pid) is None


def test_a_process_is_not_gone_before_its_last_thread(eventually):
    """The first thread of a killed process can be a zombie while the others still hold its ports and locks."""
    script = "import os, threading, time; threading.Thread(target=time.sleep, args=(30,)).start(); print(flush=True)\n"
    number = {"x86_64": 60, "aarch64": 93}[
        os.uname().machine
    ]  # exit, which ends one thread; Python has exit_group only
    end_first_thread = f"import ctypes; ctypes.CDLL(None).syscall({number}, 0)"
    argv = [sys.executable, "-c", script + end_first_thread]
    with subprocess.Popen(argv, stdout=subprocess.PIPE) as running:
        running.stdout.readline()
        found = process.find(running.pid)
        eventually(lambda: "State:\tZ" in Path(f"/proc/{running.pid}/status").read_text(), "a zombie")
        assert found.alive()
        running.kill()
        assert found.wait(5)


def test_another_process_with_the_same_pid_gets_no_signal(child):
    earlier = replace(process.find(child.pid), started=1)

    earlier.signal(signal.SIGKILL)

    assert not earlier.alive()
    assert process.find(child.pid).wait(0.2) is False


def test_a_daemon_is_named_in_its_file_until_it_dies(tmp_path):
    pidfile = tmp_path / "x.pid"

    started = daemon.start(pidfile, SLEEP, tmp_path / "log")

    assert daemon.holder(pidfile) == started == process.find(started.pid)
    started.signal(signal.SIGKILL)
    assert started.wait(5)
    assert daemon.holder(pidfile) is None


def test_there_is_only_one_daemon_for_a_file(tmp_path):
    pidfile = tmp_path / "x.pid"
    first = daemon.start(pidfile, SLEEP, tmp_path / "log")
    try:
        second = [sys.executable, "-m", "opsctl.sandbox.daemon", str(pidfile), *SLEEP]
        done = subprocess.run(second, capture_output=True, text=True, timeout=30, check=False)
        assert (done.returncode, done.stderr) == (1, "it runs already\n")
        assert daemon.holder(pidfile) == first
    finally:
        first.signal(signal.SIGKILL)


def test_a_daemon_gets_nothing_of_the_callers_environment(tmp_path, monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", "http://elsewhere.invalid")
    started = daemon.start(tmp_path / "x.pid", SLEEP, tmp_path / "log")
    try:
        with open(f"/proc/{started.pid}/environ", "rb") as variables:
            assert b"elsewhere" not in variables.read()
    finally:
        started.signal(signal.SIGKILL)


def test_a_daemon_that_cannot_start_names_its_log(tmp_path):
    with pytest.raises(OpsError, match="sleep could not be started") as caught:
        daemon.start(tmp_path / "no folder" / "x.pid", SLEEP, tmp_path / "log")

    assert caught.value.hint == f"read {tmp_path / 'log'}"


def test_a_failing_command_says_its_last_words():
    with pytest.raises(ToolFailed, match=r"failed: .*/nowhere"):
        process.run(["ls", "/nowhere"])


def test_a_missing_command_says_how_to_get_it():
    with pytest.raises(ToolMissing) as caught:
        process.run(["no-such-program"])

    assert caught.value.message == "no-such-program is not installed"
    assert "make setup" in caught.value.hint


def test_a_long_command_ticks_and_leaves_a_log(tmp_path):
    ticks: list[float] = []
    log = tmp_path / "log"

    process.run_long(
        [sys.executable, "-c", "print('made'); import time; time.sleep(1)"], log, env=None, tick=ticks_of(ticks)
    )
    with pytest.raises(ToolFailed, match="broken") as caught:
        process.run_long([sys.executable, "-c", "raise SystemExit('broken')"], log, env=None, tick=ticks_of(ticks))

    assert len(ticks) >= 2
    assert str(log) in caught.value.hint


def ticks_of(found: list[float]):
    return lambda: found.append(time.monotonic())
