"""Records of applies: on this computer for speed, in the state bucket so that other computers know them too."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any

from opsctl.core.apply_record import ApplyRecord, LastApply, from_json, stored_json
from opsctl.errors import Unreachable
from opsctl.tools.aws import hint_of
from opsctl.tools.state_bucket import StateBucketTool

_LATEST = "latest.json"


@dataclass(frozen=True)
class RecordedOutputs:
    """Terraform's outputs as of the last apply, and where that is on record; empty where nothing was provisioned."""

    values: Mapping[str, Any]
    source: str = ""


class ApplyRecordStore:
    """`folder` is `.opsctl/<env>`; objects lie beside the state object `state_key`, under opsctl/applies/."""

    def __init__(self, folder: Path, bucket: StateBucketTool, state_key: str) -> None:
        self.folder, self.bucket = folder, bucket
        ours = PurePosixPath(state_key).parent / "opsctl"
        self._prefix, self._outputs = ours / "applies", str(ours / "outputs.json")

    def save(self, record: ApplyRecord) -> bool:
        from botocore.exceptions import BotoCoreError, ClientError

        found = stored_json(record)
        _write(self.folder / "last-apply.json", found)
        stamp = datetime.fromtimestamp(record.at, UTC).strftime("%Y%m%dT%H%M%SZ")
        try:
            for name in (f"{stamp}-{record.plan:04d}.json", _LATEST):
                self.bucket.put(str(self._prefix / name), found)
        except (BotoCoreError, ClientError):
            return False
        return True

    def save_outputs(self, outputs: Mapping[str, Any]) -> bool:
        """Keep them, without what Terraform calls sensitive, for other tools and for whoever deploys elsewhere."""
        from botocore.exceptions import BotoCoreError, ClientError

        found = plain_outputs(outputs)
        _write(self._memory, found)
        try:
            self.bucket.put(self._outputs, found)
        except (BotoCoreError, ClientError):
            return False
        return True

    def outputs(self) -> RecordedOutputs:
        """As last saved by any computer; where the bucket has none or gives no answer, by this one. Others may have
        provisioned since: by what is old here a release would take its pods out of the load balancer.

        Raises Unreachable where nobody can tell: pods that are told of no database would take users and fail them.
        """
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            found = self.bucket.get(self._outputs)
        except (BotoCoreError, ClientError) as error:
            if not self._memory.is_file():
                raise self._nobody_knows(error) from error
            found = None
        if found is None:
            return RecordedOutputs(self.remembered_outputs(), str(self._memory) if self._memory.is_file() else "")
        _write(self._memory, found)
        return RecordedOutputs(found, f"s3://{self.bucket.name}/{self._outputs}")

    def remembered_outputs(self) -> dict[str, Any]:
        """What this computer last saved or read of them, without asking anybody."""
        return dict(json.loads(self._memory.read_text())) if self._memory.is_file() else {}

    @property
    def _memory(self) -> Path:
        return self.folder / "outputs.json"

    def _nobody_knows(self, error: Exception) -> Unreachable:
        return Unreachable(
            "nobody can tell where database and cache are: "
            f"the state bucket {self.bucket.name} gives no answer ({error})",
            state="Nothing was changed.",
            hint=hint_of(
                self.bucket.aws, f"check credentials with opsctl doctor, or opsctl outputs -o json > {self._memory}"
            ),
        )

    def last(self) -> LastApply:
        """What the bucket says; where it gives no answer, what this computer remembers, marked as such."""
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            found = self.bucket.get(str(self._prefix / _LATEST))
        except (BotoCoreError, ClientError):
            return LastApply(self.remembered(), known=False)
        return LastApply(from_json(found) if found else self.remembered(), known=True)

    def remembered(self) -> ApplyRecord | None:
        """The last apply by this computer, without asking anybody."""
        file = self.folder / "last-apply.json"
        return from_json(json.loads(file.read_text())) if file.is_file() else None


def plain_outputs(outputs: Mapping[str, Any]) -> dict[str, Any]:
    """`{name: value}` of all that is not sensitive."""
    return {name: output["value"] for name, output in outputs.items() if not output.get("sensitive")}


def _write(file: Path, value: Any) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_name(f".{file.name}")
    draft.write_text(json.dumps(value, indent=2) + "\n")
    draft.replace(file)
