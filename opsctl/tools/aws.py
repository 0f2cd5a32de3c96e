"""AWS clients as one environment means them: its profile, its configuration file, its region."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from opsctl.core.environment import Aws


def client(service: str, aws: Aws, project: Path) -> Any:
    """botocore without boto3 around it, loaded at the first use: half the time, and `status` waits for it.

    Few attempts and short waits, as nobody depends on an answer: each caller has a way to go on without.
    """
    from botocore.config import Config

    style = {"addressing_style": "path"} if aws.emulated else {}
    config = Config(connect_timeout=2, read_timeout=5, retries={"total_max_attempts": 2}, s3=style)
    return session(aws, project).create_client(service, region_name=aws.region, config=config)


def session(aws: Aws, project: Path) -> Any:
    """Where the environment's credentials come from."""
    from botocore.session import Session

    found = Session(profile=aws.profile)
    if aws.config_file:
        path = str(project / aws.config_file)
        found.set_config_variable("config_file", path)
        found.set_config_variable("credentials_file", path)
    return found
