"""`opsctl` as an operator runs it: a process of its own, without a terminal or with one."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from terraform_stack import Stack

_LONGEST_S = 300


@dataclass(frozen=True)
class Said:
    """What one command left behind."""

    code: int
    out: str
    err: str

    @property
    def data(self) -> Any:
        return json.loads(self.out)


@dataclass(frozen=True)
class Opsctl:
    """Commands on the environment `test` of a stack."""

    stack: Stack

    def __call__(self, *words: str) -> Said:
        run = subprocess.run(
            self._argv(words), env=self._environment, capture_output=True, text=True, stdin=subprocess.DEVNULL,
            timeout=_LONGEST_S,
        )  # fmt: skip
        return Said(run.returncode, run.stdout, run.stderr)

    def interrupted_after(self, rows: int, row: str, *words: str) -> Said:
        """Send SIGINT once that many lines of stderr hold `row`."""
        pipe = subprocess.PIPE
        with subprocess.Popen(
            self._argv(words), env=self._environment, stdin=subprocess.DEVNULL, stdout=pipe, stderr=pipe, text=True
        ) as process:
            assert process.stderr
            assert process.stdout
            lines = list[str]()
            for line in process.stderr:
                lines.append(line)
                if row in line and sum(row in each for each in lines) == rows:
                    process.send_signal(signal.SIGINT)
            return Said(process.wait(_LONGEST_S), process.stdout.read(), "".join(lines))

    def killed_after(self, row: str, *words: str) -> Said:
        """Kill Terraform and opsctl, as a lost computer would, once a line of stderr holds `row`."""
        pipe = subprocess.PIPE
        with subprocess.Popen(
            self._argv(words), env=self._environment, stdin=subprocess.DEVNULL, stdout=pipe, stderr=pipe, text=True
        ) as process:
            assert process.stderr
            lines = list[str]()
            for line in process.stderr:
                lines.append(line)
                if row in line:
                    for child in _children(process.pid):
                        os.kill(child, signal.SIGKILL)
                    process.kill()
            return Said(process.wait(_LONGEST_S), "", "".join(lines))

    def at_a_terminal(self, answer: str, *words: str) -> Said:
        """stdin and stderr are a terminal; `answer` is typed when the question comes. `err` is what it showed."""
        ours, theirs = pty.openpty()
        process = subprocess.Popen(
            self._argv(words), env={**self._environment, "TERM": "xterm"}, stdin=theirs, stderr=theirs,
            stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        os.close(theirs)
        seen = ""
        while chunk := _read(ours):
            seen += chunk
            if seen.rstrip().endswith("to go on:"):
                os.write(ours, f"{answer}\n".encode())
                answer = ""
        assert process.stdout
        with process.stdout:
            out = process.stdout.read()
        os.close(ours)
        return Said(process.wait(_LONGEST_S), out, seen)

    def _argv(self, words: tuple[str, ...]) -> list[str]:
        return [sys.executable, "-m", "opsctl", *words, "--project", str(self.stack.folder), "--env", "test"]

    @property
    def _environment(self) -> dict[str, str]:
        keys = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_ENDPOINT_URL": self.stack.aws.url}
        kept = {name: value for name, value in os.environ.items() if name not in ("AWS_PROFILE", "NO_COLOR")}
        return kept | keys


def _children(parent: int) -> list[int]:
    """Terraform, as the one child that opsctl has; its providers end with it."""
    return [int(pid) for pid in Path(f"/proc/{parent}/task/{parent}/children").read_text().split()]


def _read(descriptor: int) -> str:
    """A terminal whose other side is closed answers with an error rather than the end."""
    try:
        return os.read(descriptor, 4096).decode(errors="replace")
    except OSError:
        return ""
