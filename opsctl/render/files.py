"""Every file that `opsctl render` makes up, as data and as text. Copying Terraform's own files is left to the writer.

Values are written as JSON, which is YAML too: Helm reads YAML 1.1, where an unquoted `no` or `1:30` in an
environment variable would become something else.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from opsctl.core.color import Color
from opsctl.core.environment import Environment
from opsctl.core.settings import config_map
from opsctl.render.backend import backend, provider_override
from opsctl.render.places import NOTHING
from opsctl.render.tfvars import tfvars
from opsctl.render.values import app_values, edge_values, released_image


def documents(environment: Environment, outputs: Mapping[str, Any] = NOTHING) -> dict[str, Any]:
    """Data of each file by its path below `.opsctl/<environment>/`. `outputs` are Terraform's, where something was
    provisioned."""
    image, settings = released_image(environment), environment.application.environment
    found: dict[str, Any] = {
        "terraform/terraform.tfvars.json": tfvars(environment),
        "terraform/backend.tf.json": backend(environment),
        "values-edge.yaml": edge_values(environment, outputs),
    }
    for color in Color:
        found[f"values-{color}.yaml"] = app_values(environment, color, image, settings, outputs)
    if settings:
        found["settings.yaml"] = _settings(environment)
    override = provider_override(environment)
    if override is not None:
        found["terraform/provider_override.tf.json"] = override
    return found


def _settings(environment: Environment) -> dict[str, Any]:
    """What the values refer to, for `kubectl apply`: it is in no chart, as it has to outlive what refers to it."""
    application = environment.application
    found = config_map(application.name, application.environment)
    return {**found, "metadata": {**found["metadata"], "namespace": application.namespace or application.name}}


def texts(environment: Environment, outputs: Mapping[str, Any] = NOTHING) -> dict[str, str]:
    """The same files as text: the same environment and outputs give the same bytes."""
    return {path: _text(path, data, environment) for path, data in sorted(documents(environment, outputs).items())}


def _text(path: str, data: Any, environment: Environment) -> str:
    body = json.dumps(data, indent=2, ensure_ascii=False) + "\n"
    return body if path.endswith(".json") else _header(data, environment) + body


def _header(values: Any, environment: Environment) -> str:
    lines = [f"# Written by `opsctl render` from environments/{environment.name}.yaml; change that file instead."]
    if values.get("image") == {}:
        lines.append("# workload.image names no tag, so the image is left open: --set image.reference=REPOSITORY:TAG")
    return "".join(f"{line}\n" for line in lines)
