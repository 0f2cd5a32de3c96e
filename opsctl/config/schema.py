"""JSON Schema of an environment file, for editors."""

from __future__ import annotations

from typing import Any

from opsctl.config.check import adapter
from opsctl.core.keys import keys


def json_schema() -> dict[str, Any]:
    """The validator's own schema, with what only a file has (`extends`) and without what only an environment has."""
    schema = adapter().json_schema()
    schema["properties"].pop("name")
    _describe(schema, schema["$defs"], "")
    extends = {"type": "string", "description": "A file beside this one that this one is laid over."}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "opsctl environment",
        "type": "object",
        "additionalProperties": False,
        "properties": {"extends": extends, **schema["properties"]},
        "$defs": schema["$defs"],
    }


def _describe(section: dict[str, Any], sections: dict[str, Any], prefix: str) -> None:
    """Add each key's meaning. pydantic could too, but only at the price of 0.2 s in every command."""
    for name, value in section["properties"].items():
        if "$ref" in value:
            _describe(sections[value["$ref"].rpartition("/")[2]], sections, f"{prefix}{name}.")
        else:
            value["description"] = keys()[prefix + name].meaning
