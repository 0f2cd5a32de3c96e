"""The project that is measured: the demo's, brought as far as a measurement needs it by opsctl's own commands."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from bench.programs import Ran, Unexpected, run

ENVIRONMENT, APPLICATION = "sandbox", "ai-agent-sdk"
GOOD = ("ai-agent-sdk:1.0.0", "ai-agent-sdk:1.1.0")
OPSCTL = str(Path(sys.executable).parent / "opsctl")
_PENDING = 4  # exit code of `plan --detailed-exitcode`


class Sandbox:
    def __init__(self, project: Path) -> None:
        self.project = project.resolve()
        self._state: dict[str, Any] = {}

    def argv(self, *words: str) -> list[str]:
        """A command line of opsctl for the measured environment."""
        return [OPSCTL, *words, "--project", str(self.project), "--env", ENVIRONMENT]

    def opsctl(self, *words: str, expected: tuple[int, ...] = (0,)) -> Ran:
        return run(self.argv(*words), expected=expected)

    def kubectl(self, *words: str) -> list[str]:
        state = self.state()
        return ["kubectl", "--kubeconfig", state["kubeconfig"], "--context", state["context"],
                "--namespace", APPLICATION, *words]  # fmt: skip

    def state(self) -> dict[str, Any]:
        """What `sandbox up` says of the running sandbox. Starts it, the first time it is asked for."""
        if not self._state:
            self.project.mkdir(exist_ok=True)
            if not (self.project / "environments" / f"{ENVIRONMENT}.yaml").is_file():
                _say("init, as there is no project yet")
                run([OPSCTL, "init", "--project", str(self.project)])
            _say("sandbox up (seconds; about ten minutes where its Kubernetes was never built)")
            self._state = json.loads(_visible([OPSCTL, "sandbox", "up", "-o", "json", "-C", str(self.project)]))
        return self._state

    def provisioned(self) -> None:
        """Make sure that `plan` finds nothing to change."""
        self.state()
        if self._changes_pending():
            _say("provision, as changes are pending (about 2 minutes)")
            _visible(self.argv("provision", "--yes", "-o", "json"))
            if self._changes_pending():
                raise Unexpected(f"changes are pending right after provision; see opsctl plan -C {self.project}")

    def _changes_pending(self) -> bool:
        return self.opsctl("plan", "--detailed-exitcode", expected=(0, _PENDING)).exit_code == _PENDING

    def released(self) -> None:
        """Make sure that one color serves, the other one is warm, and no release is unfinished."""
        self.state()
        status = json.loads(self.opsctl("status", "-o", "json").stdout)
        if status["phase"]:
            _say("abort, as a release is unfinished")
            self.opsctl("abort", "-o", "json", expected=(0, 1, 6))
            status = json.loads(self.opsctl("status", "-o", "json").stdout)
        if status["active"] is None:
            self._deploy(GOOD[0])
            self._deploy(GOOD[1])
        elif not all(color["ready"] for color in status["colors"].values()):
            serving = status["colors"][status["active"]]["image"]
            self._deploy(next(image for image in GOOD if image != serving))

    def _deploy(self, image: str) -> None:
        _say(f"deploy {image}, so that both colors are warm (about a minute)")
        _visible(self.argv("deploy", "--image", image, "-o", "json"))

    def terraform_environment(self) -> dict[str, str]:
        """What an operator would export to run plain Terraform against the fake AWS."""
        state = self.state()
        mirror = self.project / ".opsctl" / "terraform.tfrc"
        found = {
            **os.environ,
            "AWS_CONFIG_FILE": state["aws_config"],
            "AWS_SHARED_CREDENTIALS_FILE": state["aws_config"],
            "AWS_PROFILE": state["aws_profile"],
            "AWS_EC2_METADATA_DISABLED": "true",
            "CHECKPOINT_DISABLE": "1",
        }
        return {**found, "TF_CLI_CONFIG_FILE": str(mirror)} if mirror.is_file() else found

    @property
    def terraform_folder(self) -> Path:
        return self.project / ".opsctl" / ENVIRONMENT / "terraform"


def _visible(argv: list[str]) -> str:
    """Run with the narration passing through, as this may take minutes. Returns stdout."""
    done = subprocess.run(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        raise Unexpected(f"{' '.join(argv)}\nended with exit code {done.returncode}")
    return done.stdout


def _say(text: str) -> None:
    print(f"bench: preparing: {text}", file=sys.stderr, flush=True)
