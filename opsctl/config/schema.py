"""JSON Schema of an environment file, for editors."""

from __future__ import annotations

from typing import Any

from opsctl.config.check import adapter


def json_schema() -> dict[str, Any]:
    """The validator's own schema, with what only a file has (`extends`) and without what only an environment has."""
    schema = adapter().json_schema()
    properties = {name: value for name, value in schema["properties"].items() if name != "name"}
    extends = {"type": "string", "description": "A file beside this one that this one is laid over."}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "opsctl environment",
        "type": "object",
        "additionalProperties": False,
        "properties": {"extends": extends, **properties},
        "$defs": schema["$defs"],
    }
