"""What was found, one JSON line each, so that a run that was cut short goes on where it was."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from opsctl.errors import OpsError


class Ledger:
    def __init__(self, file: Path) -> None:
        self.file = file
        file.parent.mkdir(parents=True, exist_ok=True)
        self.commit = _commit()

    def records(self, proof: str) -> list[dict[str, Any]]:
        """Those of this proof and this commit, the last one of each name."""
        if not self.file.exists():
            return []
        found = [json.loads(line) for line in self.file.read_text().splitlines()]
        own = [record for record in found if (record["proof"], record["commit"]) == (proof, self.commit)]
        return list({record["name"]: record for record in own}.values())

    def run(self, proof: str, name: str, act: Callable[[], dict[str, Any]]) -> None:
        """Do what is not on record as done; what fails is recorded with its words, and the next one is tried."""
        if any(record["name"] == name and record["ok"] for record in self.records(proof)):
            return
        started = time.time()
        try:
            found = {"ok": True, **act()}
        except (AssertionError, OpsError, subprocess.SubprocessError, OSError) as error:
            found = {"ok": False, "why": f"{type(error).__name__}: {error}"}
        self._write({"proof": proof, "name": name, "commit": self.commit, "took_s": time.time() - started, **found})

    def _write(self, record: dict[str, Any]) -> None:
        with self.file.open("a") as out:
            out.write(json.dumps(record) + "\n")
        verdict = "ok    " if record["ok"] else "FAILED"
        print(f"{time.strftime('%H:%M:%S')} {verdict} {record['proof']} · {record['name']}", flush=True)
        if not record["ok"]:
            print(record["why"], flush=True)


def machine() -> str:
    return f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}"


def failed(records: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    return [record for record in records if not record["ok"]]


def _commit() -> str:
    done = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)
    return done.stdout.strip() or "unknown"
