"""Hooks as real programs: what they get, what is told of them, and that nothing of them stays behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from fakes import POLICY, World
from release_runs import release

from opsctl.core.color import Color
from opsctl.core.environment import Hook
from opsctl.core.hook import HookEnd, HookName, HookState
from opsctl.core.release import Rollout
from opsctl.tools.hooks import HookProcesses

pytestmark = pytest.mark.process

NAME = HookName.PRE_CUTOVER


@pytest.fixture(scope="module")
def rollout() -> Rollout:
    return replace(release(World(), "good:1", POLICY), why="because")


@pytest.fixture
def hooks(tmp_path: Path) -> Iterator[HookProcesses]:
    made = HookProcesses(tmp_path, "live")
    yield made
    made.end()


def awaited(condition: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.02)


def ended(hooks: HookProcesses, rollout: Rollout, *command: str, timeout: float = 20.0) -> HookState:
    hooks.begin(NAME, Hook(list(command), timeout), rollout, Color.BLUE)
    awaited(lambda: hooks.states()[NAME].end is not None, "the end of the hook")
    return hooks.states()[NAME]


def python(script: str) -> tuple[str, ...]:
    return sys.executable, "-c", script


def lines(hooks: HookProcesses) -> list[str]:
    return [line for _, line in hooks.lines()]


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in ("Z", "X")
    except FileNotFoundError:
        return False


def test_it_is_told_the_facts_and_runs_in_the_project(hooks: HookProcesses, rollout: Rollout, tmp_path: Path) -> None:
    script = "import os; print(os.getcwd()); [print(f'{k}={v}') for k, v in os.environ.items() if k[:7] == 'OPSCTL_']"
    assert ended(hooks, rollout, *python(script)).end is HookEnd.ENDED
    where, *told = lines(hooks)
    facts = dict(line.split("=", 1) for line in told)
    wanted = {
        "OPSCTL_HOOK": "pre_cutover", "OPSCTL_ENVIRONMENT": "live", "OPSCTL_RELEASE": "1", "OPSCTL_COLOR": "blue",
        "OPSCTL_ORIGIN": "", "OPSCTL_ACTIVE": "blue", "OPSCTL_IMAGE": "good:1", "OPSCTL_WHY": "because",
    }  # fmt: skip
    assert {name: facts.get(name) for name in wanted} == wanted
    assert where == str(tmp_path)


def test_its_arguments_reach_no_shell(hooks: HookProcesses, rollout: Rollout) -> None:
    ended(hooks, rollout, *python("import sys; print(sys.argv[1])"), "$HOME; echo `id`")
    assert lines(hooks) == ["$HOME; echo `id`"]


def test_a_program_of_the_project_is_found_wherever_opsctl_was_started(
    hooks: HookProcesses, rollout: Rollout, tmp_path: Path
) -> None:
    program = tmp_path / "check"
    program.write_text("#!/bin/sh\necho checked\n")
    program.chmod(0o755)
    assert ended(hooks, rollout, "./check").end is HookEnd.ENDED
    assert lines(hooks) == ["checked"]


def test_a_failure_is_told_by_code_and_last_line_of_either_output(hooks: HookProcesses, rollout: Rollout) -> None:
    state = ended(hooks, rollout, *python("import sys; print('fine', flush=True); sys.exit('column is taken')"))
    assert (state.end, state.why) == (HookEnd.FAILED, "exit code 1: column is taken")
    assert lines(hooks) == ["fine", "column is taken"]


def test_a_program_that_is_not_there_is_a_failure(hooks: HookProcesses, rollout: Rollout) -> None:
    state = ended(hooks, rollout, "no-such-program")
    assert state.end is HookEnd.FAILED
    assert "no-such-program is not installed" in state.why


def test_what_is_printed_is_bounded_and_plain(hooks: HookProcesses, rollout: Rollout) -> None:
    ended(hooks, rollout, *python(r"print('\x1b[31mred\x1b[0m\r'); print('x' * 5000); [print(n) for n in range(300)]"))
    found = lines(hooks)
    assert found[0] == "red"
    assert (len(found[1]), len(found)) == (400, 201)
    assert found[-1] == "… and 102 more lines"


_FAMILY = """
import os, pathlib, signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
child = subprocess.Popen(["sleep", "99"])  # it ignores SIGTERM as well
pathlib.Path("pids.part").write_text(f"{os.getpid()} {child.pid}")
os.rename("pids.part", "pids")
time.sleep(99)
"""


def family(tmp_path: Path) -> list[int]:
    awaited((tmp_path / "pids").exists, "the hook's own start")
    return [int(pid) for pid in (tmp_path / "pids").read_text().split()]


def test_at_its_timeout_it_is_ended_with_all_that_it_started(
    hooks: HookProcesses, rollout: Rollout, tmp_path: Path
) -> None:
    state = ended(hooks, rollout, *python(_FAMILY), timeout=1.0)
    assert (state.end, state.why) == (HookEnd.FAILED, "it did not finish within 1 s and was stopped")
    awaited(lambda: not any(map(alive, family(tmp_path))), "all of its processes to be gone")


_CHATTY = "import time; end = time.time() + 30\nwhile time.time() < end: print('x' * 40)"


@pytest.mark.parametrize(
    ("script", "why"),
    [
        (_CHATTY, "it printed more than 1 MiB and was stopped"),
        ("import os, time; os.write(1, bytes(2 << 20)); time.sleep(30)", "it printed more than 1 MiB and was stopped"),
    ],
    ids=["lines", "no line"],
)
def test_one_that_prints_without_end_is_stopped(
    hooks: HookProcesses, rollout: Rollout, monkeypatch: pytest.MonkeyPatch, script: str, why: str
) -> None:
    monkeypatch.setattr("opsctl.tools.hooks.MOST_OUTPUT", 1 << 20)
    state = ended(hooks, rollout, *python(script))
    assert (state.end, state.why) == (HookEnd.FAILED, why)


def test_a_fast_writer_does_not_outlast_its_timeout(hooks: HookProcesses, rollout: Rollout) -> None:
    """Its pauses keep it below the limit on output, so that it is the time that ends it."""
    began = time.monotonic()
    state = ended(hooks, rollout, *python(_CHATTY.replace("print(", "time.sleep(0.0001); print(")), timeout=1.0)
    assert (state.end, state.why) == (HookEnd.FAILED, "it did not finish within 1 s and was stopped")
    assert time.monotonic() - began < 10


@pytest.mark.parametrize(
    ("program", "why"),
    [("./hooks/x", "is not executable"), ("./hooks/y", "does not exist"), ("no-such-program", "is not installed")],
)
def test_one_that_cannot_be_started_is_known_beforehand(
    hooks: HookProcesses, rollout: Rollout, tmp_path: Path, program: str, why: str
) -> None:
    (tmp_path / "hooks").mkdir()
    (tmp_path / "hooks" / "x").write_text("#!/bin/sh\n")
    hook = Hook([program])
    assert why in hooks.trouble(hook)
    assert why in ended(hooks, rollout, program).why
    assert hooks.trouble(Hook(["true"])) == ""


def test_one_that_is_stopped_has_not_failed(hooks: HookProcesses, rollout: Rollout) -> None:
    hooks.begin(NAME, Hook([*python("import time; print('up', flush=True); time.sleep(99)")]), rollout, None)
    awaited(lambda: bool(hooks.lines()), "its first line")
    hooks.stop([NAME])
    awaited(lambda: hooks.states()[NAME].end is not None, "its end")
    assert hooks.states()[NAME].end is HookEnd.STOPPED


def test_what_a_hook_leaves_behind_ends_with_it(hooks: HookProcesses, rollout: Rollout, tmp_path: Path) -> None:
    script = "import subprocess; open('pids', 'w').write(str(subprocess.Popen(['sleep', '99']).pid))"
    assert ended(hooks, rollout, *python(script)).end is HookEnd.ENDED
    awaited(lambda: not any(map(alive, family(tmp_path))), "its child to be gone")


def test_the_end_of_opsctl_is_the_end_of_its_hooks(hooks: HookProcesses, rollout: Rollout, tmp_path: Path) -> None:
    hooks.begin(NAME, Hook([*python(_FAMILY)]), rollout, None)
    pids = family(tmp_path)
    hooks.end()
    assert not any(map(alive, pids))
    assert hooks.states() == {}


_KILLED = """
import pathlib, sys, time
sys.path.insert(0, sys.argv[2])
from fakes import World
from release_runs import release
from opsctl.core.environment import Hook
from opsctl.core.hook import HookName
from opsctl.tools.hooks import HookProcesses
hook = Hook([sys.executable, "-c", "import os, time; open('pids', 'w').write(str(os.getpid())); time.sleep(99)"])
HookProcesses(pathlib.Path(sys.argv[1]), "live").begin(HookName.PRE_CUTOVER, hook, release(World(), "good:1"), None)
time.sleep(99)
"""


def test_it_does_not_outlive_an_opsctl_that_is_killed(tmp_path: Path) -> None:
    tests = str(Path(__file__).parents[1])
    opsctl = subprocess.Popen([sys.executable, "-c", _KILLED, str(tmp_path), tests])
    try:
        awaited(lambda: (tmp_path / "pids").exists() and bool((tmp_path / "pids").read_text()), "the hook's start")
    finally:
        os.kill(opsctl.pid, signal.SIGKILL)
        opsctl.wait()
    awaited(lambda: not any(map(alive, family(tmp_path))), "the hook to be gone")
