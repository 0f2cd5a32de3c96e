"""AWS clients as one environment means them: its profile, its configuration file, its region."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import Any

from opsctl.core.environment import Aws


def client(service: str, aws: Aws, project: Path) -> Any:
    """botocore without boto3 around it, loaded at the first use: half the time, and `status` waits for it."""
    return Clients(aws, project)(service)


def hint_of(aws: Aws, otherwise: str) -> str:
    """What to type where AWS gives no good answer: an emulated one has to be started, and knows no login."""
    return "opsctl sandbox up" if aws.emulated else otherwise


class Clients:
    """Several clients, each made once. Any thread may ask; botocore's session may serve one at a time only.

    Few attempts and short waits, as nobody depends on an answer: each caller has a way to go on without.
    """

    def __init__(self, aws: Aws, project: Path) -> None:
        self.aws, self.project = aws, project
        self._lock, self._made = Lock(), dict[tuple[str, str], Any]()

    def __call__(self, service: str, region: str = "") -> Any:
        """In the environment's home region, where no other is named."""
        place = (service, region or self.aws.region)
        with self._lock:
            if place not in self._made:
                self._made[place] = self._make(*place)
            return self._made[place]

    @cached_property
    def session(self) -> Any:
        """Where the environment's credentials come from."""
        from botocore.session import Session

        found = Session(profile=self.aws.profile)
        if self.aws.config_file:
            path = str(self.project / self.aws.config_file)
            found.set_config_variable("config_file", path)
            found.set_config_variable("credentials_file", path)
        return found

    def _make(self, service: str, region: str) -> Any:
        from botocore.config import Config

        style = {"addressing_style": "path"} if self.aws.emulated else {}
        config = Config(connect_timeout=2, read_timeout=5, retries={"total_max_attempts": 2}, s3=style)
        return self.session.create_client(service, region_name=region, config=config)
