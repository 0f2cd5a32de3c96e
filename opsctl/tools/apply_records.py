"""Records of applies: on this computer for speed, in the state bucket so that other computers know them too."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any

from opsctl.core.apply_record import ApplyRecord, LastApply, from_json, stored_json
from opsctl.errors import Unreachable
from opsctl.tools.state_bucket import StateBucketTool

_LATEST = "latest.json"


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
        _write(self.folder / "outputs.json", found)
        try:
            self.bucket.put(self._outputs, found)
        except (BotoCoreError, ClientError):
            return False
        return True

    def outputs(self) -> dict[str, Any]:
        """As last saved by this computer, else by any; empty where nothing was provisioned.

        Raises Unreachable where nobody can tell: pods that are told of no database would take users and fail them.
        """
        from botocore.exceptions import BotoCoreError, ClientError

        file = self.folder / "outputs.json"
        if file.is_file():
            return dict(json.loads(file.read_text()))
        try:
            return dict(self.bucket.get(self._outputs) or {})
        except (BotoCoreError, ClientError) as error:
            raise Unreachable(
                f"nobody can tell where database and cache are: the state bucket {self.bucket.name} gives no answer "
                f"({error})",
                state="Nothing was changed.",
                hint=f"check credentials with opsctl doctor, or opsctl outputs -o json > {file}",
            ) from error

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
