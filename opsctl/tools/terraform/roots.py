"""The two roots of an environment: its own stack, and the one that makes the bucket for the stack's state."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from opsctl.assets import asset
from opsctl.core.environment import Environment
from opsctl.core.unfinished import Made, import_blocks
from opsctl.render.backend import provider_override
from opsctl.tools import rendered
from opsctl.tools.terraform import arguments
from opsctl.tools.terraform.root import IMPORTS, TerraformRoot

_LOCKED = re.compile(r'provider "[^"]*/hashicorp/aws" \{\s*version\s*=\s*"(?P<version>[^"]+)"')


class StackRoot(TerraformRoot):
    """The environment's Terraform, rendered before each use. `remembered` are its outputs as far as this computer
    knows them, for the values beside it: a plan asks AWS nothing for those."""

    def __init__(
        self, project: Path, environment: Environment, overlay: Mapping[str, str | None],
        remembered: Callable[[], Mapping[str, Any]] = dict,
    ) -> None:  # fmt: skip
        self.project, self.described, self.remembered = project, environment, remembered
        self.folder = rendered.folder_of(project, environment.name)
        super().__init__(self.folder / "terraform", environment.terraform.binary, overlay)

    def prepare(self) -> None:
        rendered.write(self.project, self.described, self.remembered())
        super().prepare()

    def provider(self) -> str:
        """As the lock file of `terraform init` has it; empty where there is none."""
        file = self.directory / ".terraform.lock.hcl"
        found = _LOCKED.search(file.read_text()) if file.is_file() else None
        return found["version"] if found else ""

    def addresses(self) -> frozenset[str]:
        return frozenset(self._run(arguments.state_list(self.binary)).stdout.split("\n")) - {""}

    def imports(self) -> tuple[Made, ...]:
        known = json.loads(self._made.read_text()) if self._made.is_file() else []
        return tuple(Made(**one) for one in known)

    def adopt(self, made: Sequence[Made]) -> None:
        blocks = self.directory / IMPORTS
        if not made:
            blocks.unlink(missing_ok=True)
            self._made.unlink(missing_ok=True)
            return
        self._made.write_text(json.dumps([asdict(one) for one in made], indent=2) + "\n")
        blocks.write_text(json.dumps(import_blocks(made), indent=2) + "\n")

    @property
    def _made(self) -> Path:
        return self.folder / "imports.json"

    def without_state(self) -> TerraformRoot:
        """A copy with an empty local state, made anew each time."""
        directory = self.folder / "first-plan"
        shutil.rmtree(directory, ignore_errors=True)
        left_out = shutil.ignore_patterns("backend.tf.json", IMPORTS, ".terraform", "*.tfstate*")
        shutil.copytree(self.directory, directory, ignore=left_out)
        return TerraformRoot(directory, self.binary, self.environment)


class BootstrapRoot(TerraformRoot):
    """Makes the state bucket. Its own state is a file in `.opsctl/<env>/bootstrap`, as there is no bucket before."""

    def __init__(self, project: Path, environment: Environment, overlay: Mapping[str, str | None]) -> None:
        self.described = environment
        folder = rendered.folder_of(project, environment.name) / "bootstrap"
        super().__init__(folder, environment.terraform.binary, overlay)

    def prepare(self) -> None:
        self.directory.mkdir(parents=True, exist_ok=True)
        for source in asset("terraform").joinpath("bootstrap").glob("*.tf"):
            shutil.copyfile(source, self.directory / source.name)
        self._write("terraform.tfvars.json", self._variables())
        self._write("provider_override.tf.json", provider_override(self.described, aliases=()) or {})
        super().prepare()
        self._keep_what_was_begun()

    def _keep_what_was_begun(self) -> None:
        """An apply that was cut short leaves its key or bucket tainted. Terraform would make it anew, which
        `prevent_destroy` forbids for ever; so it is kept, and the next apply puts right what it lacks."""
        if not self.directory.joinpath("terraform.tfstate").is_file():
            return
        state = json.loads(self._run(arguments.show_state(self.binary)).stdout)
        for resource in state.get("values", {}).get("root_module", {}).get("resources", ()):
            if resource.get("tainted"):
                self._run(arguments.untaint(self.binary, resource["address"]))

    def _variables(self) -> dict[str, object]:
        aws = self.described.aws
        context = {
            "application": self.described.application.name,
            "account_id": aws.account_id,
            "region": aws.region,
            "tags": dict(aws.tags),
        }
        return {"bucket": self.described.state.bucket, "context": context}

    def _write(self, name: str, content: object) -> None:
        self.directory.joinpath(name).write_text(json.dumps(content, indent=2) + "\n")
