"""The bucket that holds Terraform's state, and the few small objects that opsctl keeps beside the state."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from opsctl.core.environment import Aws
from opsctl.errors import Unreachable
from opsctl.tools.aws import client, hint_of


@dataclass(frozen=True)
class StateBucketTool:
    """`folder` is where this computer keeps what it knows about making the bucket (`.opsctl/<env>`)."""

    name: str
    aws: Aws
    project: Path
    folder: Path

    @property
    def unfinished(self) -> bool:
        return self._marker.is_file()

    def began(self) -> None:
        self._marker.write_text("opsctl began to make the state bucket and has not come to the end\n")

    def finished(self) -> None:
        self._marker.unlink(missing_ok=True)

    def exists(self) -> bool:
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            self._client().head_bucket(Bucket=self.name)
        except ClientError as error:
            # any other refusal: somebody has it, and whether we may use it is for Terraform to find out
            return error.response.get("Error", {}).get("Code") not in ("404", "NoSuchBucket")
        except BotoCoreError as error:
            raise Unreachable(
                f"AWS gave no answer about the state bucket {self.name}: {error}",
                state="Nothing was changed.",
                hint=hint_of(self.aws, "check credentials, aws.profile and aws.region; opsctl doctor looks at each"),
            ) from error
        return True

    def put(self, key: str, value: Any) -> None:
        self._client().put_object(Bucket=self.name, Key=key, Body=json.dumps(value).encode())

    def get(self, key: str) -> Any:
        """The object as JSON, None where there is none. Raises botocore's errors where nobody can tell."""
        s3 = self._client()
        try:
            return json.loads(s3.get_object(Bucket=self.name, Key=key)["Body"].read())
        except (s3.exceptions.NoSuchKey, s3.exceptions.NoSuchBucket):
            return None

    def _client(self) -> Any:
        return client("s3", self.aws, self.project)

    @property
    def _marker(self) -> Path:
        return self.folder / "state-bucket-unfinished"
