"""`make demo`: opsctl's main job in the sandbox, by its own command line, with users on it the whole time.

Every step is the command that a person would type; nothing here reaches around it. The figures at the end
are the load meter's and opsctl's own.
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from opsctl.console import Console
from opsctl.errors import OpsError
from opsctl.sandbox import process

OPSCTL = str(Path(sys.executable).parent / "opsctl")
ENVIRONMENT = "sandbox"
RATE, KEPT, AGENTS = 300, 100, 100
_LONGEST_S = 900  # the meter ends by itself after this; the demo ends it much sooner
_SETTLE_S = 3.0  # load before the first release and after the last, so that the meter sees both sides


@dataclass(frozen=True)
class Stage:
    """One release of the demo and the exit code that makes it a success."""

    title: str
    words: tuple[str, ...]
    expected: int


FIRST = Stage(
    "The first release goes to blue.",
    ("deploy", "--color", "blue", "--image", "ai-agent-sdk:1.0.0"),
    0,
)
UNDER_LOAD = (
    Stage(
        "A newer version goes to green while users are there.",
        ("deploy", "--color", "green", "--image", "ai-agent-sdk:1.1.0"),
        0,
    ),
    Stage(
        "Version 1.2.0 answers 500 three seconds after it got users: opsctl has to bring them back by itself.",
        ("deploy", "--color", "blue", "--image", "ai-agent-sdk:1.2.0", "--set", "MISBEHAVE=error_after_traffic=3"),
        6,
    ),
    Stage("A person goes back to the version before.", ("rollback",), 0),
    Stage("And forward again, as a rollback of the rollback.", ("rollback",), 0),
)


class Demo:
    def __init__(self, project: Path, console: Console) -> None:
        self.project, self.console = project, console

    def run(self) -> int:
        self.console.say("opsctl demo: a real Kubernetes and a fake AWS on this computer (about 5 minutes).")
        self.console.say("Releases go to the sandbox's own cluster, not to the EKS that the fake AWS pretends.")
        self._prepare()
        self._finish_what_was_left()
        self._opsctl(FIRST)
        results, load = self._release_under_load()
        self._title("Where things stand now.")
        self._call("status", "--output", "text")
        ok = print_table(self.console, results, load)
        self.console.say(f"\nStill running: opsctl sandbox status -C {self.project}   stop it: make clean")
        return 0 if ok else 1

    def _prepare(self) -> None:
        self._title("A project with environment files, and the sandbox.")
        self.project.mkdir(exist_ok=True)
        self._call("init", env=False)
        self._call("sandbox", "up", env=False)
        self._title("The infrastructure: VPC, EKS, ECR and RDS by real Terraform (about 2 minutes the first time).")
        self._call("provision", "--yes")

    def _finish_what_was_left(self) -> None:
        """A demo that was interrupted leaves a release unfinished; going back is always right here."""
        status = self._call("status", "--output", "json", quiet=True)
        if json.loads(status.stdout)["phase"]:
            self._title("An earlier demo was interrupted: its release is aborted first.")
            self._call("abort", accepted=(0, 1, 6))

    def _release_under_load(self) -> tuple[list[dict[str, Any]], dict[str, Any]]:
        self._title(f"Users arrive: {RATE + KEPT} requests a second and {AGENTS} agents on WebSockets.")
        report = self.project / "load.json"
        words = ["sandbox", "load", "--rate", str(RATE), "--kept", str(KEPT), "--agents", str(AGENTS)]
        words += ["--duration", str(_LONGEST_S), "--output", "json", "--project", str(self.project)]
        meter = process.start([OPSCTL, *words], stdout=report, stderr=self.project / "load.log")
        try:
            time.sleep(_SETTLE_S)
            results = [self._opsctl(stage) for stage in UNDER_LOAD]
            time.sleep(_SETTLE_S)
        finally:
            meter.send_signal(signal.SIGINT)
            meter.wait(timeout=30)
        return results, json.loads(report.read_text(encoding="utf-8").splitlines()[-1])

    def _opsctl(self, stage: Stage) -> dict[str, Any]:
        self._title(stage.title)
        done = self._call(*stage.words, "--output", "json", accepted=(stage.expected,))
        result: dict[str, Any] = json.loads(done.stdout)
        self.console.say(f"→ {result['outcome']}, users are on {result['active']}   (exit {done.exit_code})")
        return {**result, "words": stage.words}

    def _title(self, text: str) -> None:
        self.console.say(f"\n▌ {text}")

    def _call(
        self, *words: str, accepted: tuple[int, ...] = (0,), env: bool = True, quiet: bool = False
    ) -> process.Spoken:
        """Run opsctl as a person would, its narration passing through. Raises OpsError for another exit code."""
        shown = " ".join(word for word in words if word not in ("--output", "json", "text"))
        if not quiet:
            self.console.say(f"$ opsctl {shown}")
        where = ["--project", str(self.project), *(["--env", ENVIRONMENT] if env else [])]
        done = process.speak([OPSCTL, *words, *where], echo="json" not in words)
        if done.exit_code not in accepted:
            raise OpsError(
                f"opsctl {shown} ended with exit code {done.exit_code}, expected {accepted[0]}",
                state="The sandbox is still up.",
                hint=f"opsctl status -C {self.project} --env {ENVIRONMENT}; make clean starts over",
            )
        return done


def print_table(console: Console, results: list[dict[str, Any]], load: dict[str, Any]) -> bool:
    """The figures of the demo. Returns whether they are what opsctl promises."""
    requests, agents = load["requests"]["total"], load["agents"]
    rows = [
        ("requests sent", str(requests["sent"])),
        ("lost", str(requests["lost"]["count"])),
        ("bad", f"{requests['bad']['count']}, by the release that fails on purpose"),
        ("agents", f"{agents['open']} of {agents['wanted']} connected, {sum(agents['closes'].values())} planned moves"),
        ("unplanned closes", str(agents["unplanned"]["count"])),
        ("latency", "p50 {p50:.0f} ms, p99 {p99:.0f} ms".format(**requests["latency_ms"])),
    ]
    rows += [(_name(result), _times(result)) for result in results]
    console.say()
    for name, text in rows:
        console.say(f"  {name:<24} {text}")
    lost, unplanned = requests["lost"]["count"], agents["unplanned"]["count"]
    unguarded = [result["unguarded"] for result in results if result["unguarded"]]
    kept = not lost and not unplanned and not unguarded
    console.say(f"\n  {'0 lost, 0 unplanned closes' if kept else 'NOT what opsctl promises'}")
    for why in unguarded:
        console.say(f"  a release went on without its guard: {why}")
    return kept and _bad_only_on_purpose(results, requests)


def _bad_only_on_purpose(results: list[dict[str, Any]], requests: dict[str, Any]) -> bool:
    """Every bad answer lies inside the span in which the failing release had traffic."""
    bad = requests["bad"]
    if not bad["count"]:
        return True
    failed = next(result for result in results if result["outcome"] == "rolled_back")
    return bool(failed["started_at"] <= bad["first"] and bad["last"] <= failed["ended_at"])


def _name(result: dict[str, Any]) -> str:
    return f"{result['words'][0]} of {result['release']} to {result['color']}"


def _times(result: dict[str, Any]) -> str:
    times = result["timings"]
    if result["outcome"] == "rolled_back":
        return f"failure seen after {times['detect_s']:.2f} s, users back {times['rollback_s']:.2f} s later"
    return f"cutover {times['cutover_s']:.2f} s"


def main() -> int:
    parser = argparse.ArgumentParser(description="opsctl's main job, in the sandbox")
    parser.add_argument("--project", type=Path, required=True, help="folder of the demo's project")
    arguments = parser.parse_args()
    console = Console()
    for number in (signal.SIGTERM, signal.SIGHUP):  # as Ctrl-C does: the meter must not go on alone
        signal.signal(number, signal.default_int_handler)
    try:
        return Demo(arguments.project, console).run()
    except OpsError as error:
        console.error(error)
        return int(error.exit_code)
    except KeyboardInterrupt:
        console.say("\nInterrupted. The sandbox is still up; make demo goes on, make clean stops it.")
        return 130


if __name__ == "__main__":
    sys.exit(main())
