"""A folder's names, its files, and its lock."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from opsctl.console import Console
from opsctl.errors import OpsError
from opsctl.sandbox import folder

HOLD = """
import sys
import threading
from pathlib import Path
from opsctl.sandbox import folder
with folder.locked(Path(sys.argv[1]), "busy", 0, lambda: None):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def other(tmp_path):
    """Another process that holds the lock on `lock` until its stdin closes."""
    argv = [sys.executable, "-c", HOLD, str(tmp_path / "lock")]
    process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.communicate()


def test_two_projects_share_no_name_on_the_computer():
    one, two = folder.at(Path("/srv/one")), folder.at(Path("/srv/two"))

    assert one.interface != two.interface
    assert one.cgroup != two.cgroup
    assert len(one.interface) <= 15  # the kernel's limit


def test_one_project_has_the_same_names_by_whatever_path(tmp_path, monkeypatch):
    (tmp_path / "link").symlink_to(tmp_path)
    monkeypatch.chdir(tmp_path)

    assert folder.at(Path()).key == folder.at(tmp_path / "link").key == folder.at(tmp_path).key


def test_a_file_is_replaced_whole_and_kept_private(tmp_path):
    folder.write(tmp_path / "a" / "b", "secret")

    assert (tmp_path / "a" / "b").read_text() == "secret"
    assert (tmp_path / "a" / "b").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in (tmp_path / "a").iterdir()] == ["b"]


def test_a_file_cut_short_reads_as_none(tmp_path):
    (tmp_path / "half.json").write_text('{"pid": 1')

    assert folder.read_json(tmp_path / "half.json") is None
    assert folder.read_json(tmp_path / "none.json") is None


def test_a_held_lock_is_seen_and_waited_for_no_longer_than_said(tmp_path, other):
    waited: list[str] = []
    assert folder.is_locked(tmp_path / "lock")

    with pytest.raises(OpsError, match="busy"), folder.locked(tmp_path / "lock", "busy", 0, lambda: waited.append("")):
        pytest.fail("two processes hold one lock")

    assert waited == [""]


def test_a_killed_holder_frees_the_lock(tmp_path, other):
    other.kill()
    other.wait()

    with folder.locked(tmp_path / "lock", "busy", 0, lambda: None):
        assert folder.is_locked(tmp_path / "lock")
    assert not folder.is_locked(tmp_path / "lock")


def test_a_lock_on_a_deleted_file_keeps_nobody_out_and_lets_nobody_in_twice(tmp_path, other):
    (tmp_path / "lock").unlink()  # as `down --purge` does while it holds it

    with folder.locked(tmp_path / "lock", "busy", 5, lambda: None):
        assert folder.is_locked(tmp_path / "lock")


def test_somebody_who_waits_is_told_so(tmp_path, capsys):
    at = folder.at(tmp_path)
    (at.root).mkdir(parents=True)
    argv = [sys.executable, "-c", HOLD, str(at.root / "up.lock")]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "held\n"
        threading.Timer(0.5, process.kill).start()
        with folder.change(at, Console()):
            assert "waiting for it" in capsys.readouterr().err
