"""Which Secrets a release refers to, and whether they are there. Only their names and keys are known here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from opsctl.core.checkup import Finding, Level

Keys = frozenset[str]


def wanted_secrets(values: Mapping[str, Any]) -> dict[str, Keys]:
    """By name of the Secret the keys that a chart with these values refers to."""
    found: dict[str, Keys] = {}
    for reference in values.get("secrets", {}).values():
        found[reference["name"]] = found.get(reference["name"], Keys()) | {reference["key"]}
    return found


def judge_secrets(wanted: Mapping[str, Keys], found: Mapping[str, Keys | None]) -> list[Finding]:
    """`found`: the keys of each Secret that exists; None where these credentials may not read it."""
    return [_judged(name, wanted[name], found) for name in sorted(wanted)]


def _judged(name: str, keys: Keys, found: Mapping[str, Keys | None]) -> Finding:
    there = found.get(name, Keys())
    if there is None:
        words = f"whether Secret {name} is there is not known: these credentials may not read it"
        return Finding("secrets", Level.WARN, words)
    if name not in found:
        return Finding("secrets", Level.FAIL, f"Secret {name} does not exist", _made(name, keys))
    missing = ", ".join(sorted(keys - there))
    if missing:
        return Finding("secrets", Level.FAIL, f"Secret {name} has no key {missing}", f"kubectl describe secret {name}")
    return Finding("secrets", Level.OK, f"Secret {name} is there")


def _made(name: str, keys: Keys) -> str:
    literals = " ".join(f"--from-literal={key}=…" for key in sorted(keys))
    return f"kubectl create secret generic {name} -n NAMESPACE {literals}"
