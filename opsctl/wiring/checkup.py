"""All that `opsctl doctor` looks at."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from opsctl.core.environment import Environment
from opsctl.wiring.cluster import names_of, open_api, open_bindings

if TYPE_CHECKING:
    from opsctl.core.checkup import Finding


def checkup(project: Path, environment: Environment | None) -> Iterator[Finding]:
    """What `opsctl doctor` looks at; without an environment the tools alone."""
    from opsctl.core.checkup import Finding, Level
    from opsctl.errors import OpsError
    from opsctl.tools.checkup import check_aws, check_bindings, check_cluster, check_guard, check_rights, check_tools
    from opsctl.tools.preflight import AwsPreflight

    if environment is None:
        yield from check_tools("terraform")
        return
    theirs = environment.aws.emulated or environment.cluster.existing_name  # of another version than cluster.version
    yield from check_tools(environment.terraform.binary, None if theirs else environment.cluster.version)
    account = check_aws(environment, project)
    yield account
    if account.level is Level.OK:
        yield from AwsPreflight(environment, project).findings_without_plan()
    try:
        api = open_api(project, environment)
    except OpsError as error:
        yield Finding("cluster", Level.FAIL, error.message, error.hint)
        return
    yield from check_cluster(api)
    yield check_rights(api, names_of(environment).namespace, environment.release)
    yield check_guard(api, names_of(environment).namespace, environment.release)
    yield from check_bindings(open_bindings(project, environment, api))
