"""What `config explain` tells about a key, gathered from the declaration, the file, the rules and the rendering."""

from __future__ import annotations

from typing import Any

from opsctl.cli.gaps import answers
from opsctl.config import Loaded
from opsctl.console.gaps_view import missing
from opsctl.core.environment import Ci, Environment
from opsctl.core.keys import keys, value_at
from opsctl.core.rules import RULES
from opsctl.core.slo import alarms_in_words
from opsctl.core.uses import sentences
from opsctl.core.words import sayable, shown
from opsctl.render.feeds import feeds

_EXAMPLE = Environment(name="example", ci=Ci(repository="owner/name"))  # where nothing can be loaded


def explained(path: str, loaded: Loaded | None) -> dict[str, Any]:
    """Everything about one key; `value` and `origin` only where an environment could be loaded."""
    key = keys()[path]
    given = loaded.given if loaded else _EXAMPLE
    found: dict[str, Any] = {
        "key": path,
        "meaning": key.meaning,
        "allowed": key.allowed,
        "default": key.default,
        "feeds": [*feeds(given, path), *sentences(path)],
        "rules": [rule.name for rule in RULES if path in rule.paths],
    }
    if loaded:
        found["value"] = sayable(path, value_at(loaded.environment, path))
        found["origin"] = str(loaded.provenance[path])
        found["missing"] = _missing(path, loaded)
        found["alarms"] = list(alarms_in_words(loaded.environment.observability.slo, path))
    return found


def _missing(path: str, loaded: Loaded) -> dict[str, str] | None:
    """Who has to give the key's value, and what cannot be done before; None where nobody has to."""
    open_ = {gap.answer.key: gap.answer for gap in missing(answers(loaded))}
    return {"who": open_[path].who, "blocks": open_[path].blocks} if path in open_ else None


def explained_text(found: dict[str, Any]) -> str:
    head = found["key"]
    if "value" in found:
        head += f" = {shown(found['value'])}"
    rows = [("from", [found["origin"]])] if "origin" in found else []
    rows += [("meaning", [found["meaning"]]), ("allowed", [found["allowed"]]), ("default", [shown(found["default"])])]
    if lacks := found.get("missing"):
        rows += [("missing", [f"ask {lacks['who']}; blocks {lacks['blocks']}"])]
    rows += [("alarms", found.get("alarms", [])), ("feeds", found["feeds"]), ("rules", found["rules"])]
    lines = [head]
    for label, texts in rows:
        lines += [f"  {label if number == 0 else '':<8} {text}" for number, text in enumerate(texts)]
    return "\n".join(lines) + "\n"
