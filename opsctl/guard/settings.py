"""What a guard is told beside the record of its release, by `tools.cluster.guard_manifest`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from opsctl import __version__
from opsctl.core.environment import Application, Environment, FrontDoor
from opsctl.core.environment import Release as Policy
from opsctl.core.recorded import restored
from opsctl.errors import UsageError
from opsctl.tools.cluster.guard_manifest import SETTINGS
from opsctl.tools.cluster.names import Names


@dataclass(frozen=True)
class Settings:
    """`environment` has of its keys only what a look at the application needs."""

    names: Names
    rollout: int
    environment: Environment
    pod: str
    node_address: str


def read_settings(variables: Mapping[str, str]) -> Settings:
    """Raises UsageError where they are missing, or of another opsctl: its record may not be ours to write."""
    try:
        told = json.loads(variables[SETTINGS])
        if told["version"] != __version__:
            raise UsageError(f"opsctl {told['version']} released, but release.guard_image is opsctl {__version__}")
        bare = Environment(
            name=told["environment"],
            application=Application(name=told["app"], namespace=told["namespace"]),
            front_door=FrontDoor(**told["front_door"]),
            release=Policy(),
        )
        return Settings(
            names=Names(told["namespace"], told["app"], tuple(told["workloads"]), told["front"]),
            rollout=int(told["rollout"]),
            environment=restored(bare, {"services": told["services"]}),
            pod=variables["POD_NAME"],
            node_address=variables["HOST_IP"],
        )
    except (KeyError, TypeError, ValueError) as error:
        raise UsageError(f"{SETTINGS} is not what opsctl writes: {type(error).__name__}: {error}") from error
