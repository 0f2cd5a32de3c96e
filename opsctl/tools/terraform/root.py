"""One root directory of Terraform: initialise, plan, read, apply, outputs. Answers are Terraform's JSON."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from opsctl.core.apply_events import Applied, Trouble, advance
from opsctl.core.infra_errors import explain
from opsctl.errors import Interrupted, OpsError, ToolMissing
from opsctl.ports.terraform import OnEvent, PlanRun
from opsctl.tools.process import Command, Finished, run, stream
from opsctl.tools.terraform import arguments

UNSTORED = "errored.tfstate"  # where Terraform leaves the state that its backend did not take
IMPORTS = "imports.tf.json"  # written where an apply was cut short; init does not depend on it
OLDEST = (1, 11)  # S3 state locks without DynamoDB, write-only arguments
_READ_BY_INIT = (".tf", ".tf.json", ".terraform.lock.hcl")
_REMEDY = "install Terraform 1.11 or newer and put it on PATH, or name it as terraform.binary in the environment file"
_UNSTORED_REMEDY = (
    "opsctl doctor looks at the way to AWS; where the stored state is newer, compare both by hand, and keep the file"
)
_COLORS = re.compile(r"\x1b\[[0-9;]*m")
_TICK = {"type": "tick"}
_APPLY_GRACE_S = 120.0  # providers stop within seconds; storing a large state may take longer


class TerraformRoot:
    """Terraform in `directory`, started as `binary` with `environment` laid over ours."""

    def __init__(self, directory: Path, binary: str, environment: Mapping[str, str | None]) -> None:
        self.directory, self.binary, self.environment = directory, binary, environment

    def prepare(self) -> None:
        """`terraform init`, skipped where the same files were initialised by the same Terraform before."""
        if self._stamp.is_file() and self._stamp.read_text() == self._digest():
            return
        self.version()
        self._stream(arguments.init(self.binary), "terraform init", _ignore)
        self._stamp.parent.mkdir(exist_ok=True)
        self._stamp.write_text(self._digest())  # computed after init, which writes the lock file

    def forget(self) -> None:
        """Let the next `prepare` initialise again."""
        self._stamp.unlink(missing_ok=True)

    def version(self) -> str:
        """Such as 1.11.4. Raises ToolMissing where it is older than opsctl needs."""
        said = self._run(arguments.version(self.binary)).stdout
        try:
            found = str(json.loads(said)["terraform_version"])
            numbers = tuple(int(part) for part in found.split("-")[0].split(".")[:2])
        except (KeyError, TypeError, ValueError):
            message = f"{self.binary} does not say its version as Terraform does: {said.strip()[:80]!r}"
            raise ToolMissing(message, state="Nothing was changed.", hint=_REMEDY) from None
        if numbers < OLDEST:
            message = f"Terraform {found} is too old; opsctl needs 1.11 or newer"
            raise ToolMissing(message, state="Nothing was changed.", hint=_REMEDY)
        return found

    def plan(self, file: Path, on_event: OnEvent, *, destroy: bool = False, lock: bool = True) -> PlanRun:
        events: list[Mapping[str, Any]] = []

        def note(event: Mapping[str, Any]) -> None:
            events.append(event)
            on_event(event)

        file.unlink(missing_ok=True)
        file.touch(mode=0o600)  # a plan holds the state, secrets included; Terraform keeps the mode
        argv = arguments.plan(self.binary, file.resolve(), destroy=destroy, lock=lock)
        self._stream(argv, "terraform plan", note, holds_lock=lock, log=file.with_suffix(".jsonl") if lock else None)
        version = next((str(event["terraform"]) for event in events if event.get("type") == "version"), "")
        return PlanRun(tuple(events), version)

    def show(self, file: Path) -> Mapping[str, Any]:
        """Everything in a saved plan. Holds sensitive values in clear: mask before showing or storing."""
        found: Mapping[str, Any] = json.loads(self._run(arguments.show(self.binary, file.resolve())).stdout)
        return found

    def apply(self, file: Path, on_event: OnEvent, log: Path) -> bool:
        """Apply a saved plan; True where Terraform did all of it. Failures are in the events.

        Raises Interrupted after Ctrl-C, once Terraform has stored its state and given the lock back.
        """
        command = self._command(arguments.apply(self.binary, file.resolve()), holds_lock=True)
        try:
            return stream(command, _parsed(on_event), log=log, on_idle=lambda: on_event(_TICK)).exit_code == 0
        finally:
            with suppress(FileNotFoundError):
                self._unstored.chmod(0o600)  # a state holds secrets

    def unstored(self) -> bool:
        """Whether an apply left a state here that its backend did not take."""
        return self._unstored.is_file()

    def store(self) -> None:
        """Give it to the backend, which takes it only if its own is no newer and of the same line."""
        finished = run(self._command(arguments.push_state(self.binary, UNSTORED), holds_lock=True), timeout=300)
        if finished.exit_code != 0:
            state = f"What that apply did is known only to {self._unstored}; nothing else was changed."
            trouble = _trouble(finished.stderr)
            raise explain("storing the state of an earlier apply", (trouble,), state=state, hint=_UNSTORED_REMEDY)
        self._unstored.unlink(missing_ok=True)

    def outputs(self) -> Mapping[str, Any]:
        """`{name: {sensitive, type, value}}`; sensitive values in clear."""
        found: Mapping[str, Any] = json.loads(self._run(arguments.output(self.binary)).stdout)
        return found

    def unlock(self, lock: str) -> None:
        """Remove the state's lock of this id, whoever holds it."""
        self._run(arguments.unlock(self.binary, lock))

    @property
    def _unstored(self) -> Path:
        return self.directory / UNSTORED

    def _command(self, argv: arguments.Argv, *, holds_lock: bool = False) -> Command:
        return Command(
            argv, self.environment, self.directory, holds_lock=holds_lock, grace=_APPLY_GRACE_S, remedy=_REMEDY
        )

    def _run(self, argv: arguments.Argv) -> Finished:
        finished = run(self._command(argv), timeout=300)
        if finished.exit_code != 0:
            raise explain(f"terraform {argv[1]}", (_trouble(finished.stderr),), state="Nothing was changed.")
        return finished

    def _stream(
        self, argv: arguments.Argv, doing: str, on_event: OnEvent, *, holds_lock: bool = False, log: Path | None = None
    ) -> None:
        seen = Applied()

        def note(event: Mapping[str, Any]) -> None:
            nonlocal seen
            seen = advance(seen, event)
            on_event(event)

        try:
            command = self._command(argv, holds_lock=holds_lock)
            finished = stream(command, _parsed(note), log=log, on_idle=lambda: on_event(_TICK))
        except Interrupted as error:
            raise Interrupted(error.message, state="Nothing was changed.", hint="start the command again") from None
        if finished.exit_code != 0:
            raise self._failure(doing, seen.troubles, finished)

    def _failure(self, doing: str, troubles: tuple[Trouble, ...], finished: Finished) -> OpsError:
        said = troubles or (_trouble(finished.stderr, f"exit code {finished.exit_code}"),)
        silent = not troubles and not finished.stderr.strip()
        hint = f"it did not say why; is there room left for {self.directory} and for temporary files?" if silent else ""
        return explain(doing, said, state="Nothing was changed.", hint=hint)

    @property
    def _stamp(self) -> Path:
        return self.directory / ".terraform" / "opsctl-init"

    def _digest(self) -> str:
        """Of all that init depends on: the configuration, the lock file, Terraform itself."""
        digest = hashlib.sha256(f"{self.binary} {self.environment.get('TF_CLI_CONFIG_FILE')}".encode())
        for path in sorted(self.directory.rglob("*")):
            inside = path.relative_to(self.directory)
            if (
                ".terraform" not in inside.parts
                and path.name != IMPORTS
                and path.name.endswith((".tf", ".tf.json", ".terraform.lock.hcl"))
            ):
                digest.update(f"\0{inside}\0".encode() + path.read_bytes())
        if program := shutil.which(self.binary):
            status = Path(program).stat()
            digest.update(f"{program} {status.st_size} {status.st_mtime_ns}".encode())
        return digest.hexdigest()


def _parsed(on_event: OnEvent) -> Callable[[str], None]:
    """A line that is not JSON is text, not an error: init lets some through."""

    def read(line: str) -> None:
        try:
            event = json.loads(line)
        except ValueError:
            event = {"type": "text", "@message": line}
        if isinstance(event, dict):
            on_event(event)

    return read


def _ignore(event: Mapping[str, Any]) -> None:
    pass


def _trouble(stderr: str, otherwise: str = "it said nothing") -> Trouble:
    """What a command without JSON for its errors says: in a frame, in colors, and at eighty columns."""
    lines = [line.strip("│╷╵ ") for line in _COLORS.sub("", stderr).splitlines()]
    said = "\n".join(filter(None, lines)).removeprefix("Error: ")
    return Trouble((said if "state lock" in said else " ".join(said.split())) or otherwise)
