"""The bucket that holds Terraform's state, and the few small objects that opsctl keeps beside the state."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from opsctl.core.environment import Aws
from opsctl.errors import Unreachable


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
                hint="check credentials, aws.profile and aws.region; opsctl doctor looks at each",
            ) from error
        return True

    def put(self, key: str, value: Any) -> None:
        self._client().put_object(Bucket=self.name, Key=key, Body=json.dumps(value).encode())

    def get(self, key: str) -> Any:
        """The object as JSON, None where there is none. Raises botocore's errors where nobody can tell."""
        client = self._client()
        try:
            return json.loads(client.get_object(Bucket=self.name, Key=key)["Body"].read())
        except (client.exceptions.NoSuchKey, client.exceptions.NoSuchBucket):
            return None

    def _client(self) -> Any:
        """botocore without boto3 around it, loaded at the first use: half the time, and `status` waits for it.

        Few attempts and short waits, as nobody depends on an answer: each caller has a way to go on without.
        """
        from botocore.config import Config
        from botocore.session import Session

        session = Session(profile=self.aws.profile)
        if self.aws.config_file:
            path = str(self.project / self.aws.config_file)
            session.set_config_variable("config_file", path)
            session.set_config_variable("credentials_file", path)
        style = {"addressing_style": "path"} if self.aws.emulated else {}
        config = Config(connect_timeout=2, read_timeout=5, retries={"total_max_attempts": 2}, s3=style)
        return session.create_client("s3", region_name=self.aws.region, config=config)

    @property
    def _marker(self) -> Path:
        return self.folder / "state-bucket-unfinished"
