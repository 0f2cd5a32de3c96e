"""The table in docs/infrastructure.md: each module, what it makes, and what of it a test really applies.

Made from the Terraform itself and from terraform/plan_only.yaml, which a test compares with what it has applied.
`python -m opsctl.cli.infrastructure_page` rewrites it; a test fails while the page says something else.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from opsctl.assets import asset

PAGE = Path(__file__).resolve().parents[2] / "docs" / "infrastructure.md"
_BEGIN, _END = "<!-- modules: python -m opsctl.cli.infrastructure_page -->\n", "<!-- end of modules -->\n"
_RESOURCE = re.compile(r'^resource "(\w+)" "(\w+)"', re.MULTILINE)


@dataclass(frozen=True)
class PlanOnly:
    """Resources, by address, that the emulated AWS cannot make, and why."""

    addresses: tuple[str, ...]
    reason: str


def plan_only() -> list[PlanOnly]:
    from ruamel.yaml import YAML

    entries = YAML(typ="safe", pure=True).load(asset("terraform") / "plan_only.yaml") or []
    return [PlanOnly(tuple(entry["addresses"]), entry["reason"]) for entry in entries]


def resources(module: Path) -> list[str]:
    """Addresses such as module.network.aws_vpc.this, without keys."""
    found = (_RESOURCE.findall(source.read_text(encoding="utf-8")) for source in sorted(module.glob("*.tf")))
    return [f"module.{module.name}.{kind}.{name}" for each in found for kind, name in each]


def modules() -> list[Path]:
    return sorted(path for path in (asset("terraform") / "modules").iterdir() if path.is_dir())


def with_table(page: str) -> str:
    """`page` with the table between its two markers made anew."""
    before, rest = page.split(_BEGIN)
    return before + _BEGIN + "".join(_table()) + _END + rest.split(_END)[1]


def _table() -> Iterator[str]:
    yield "\n| Module | What it is | Makes | Applied by a test | Only planned, and why |\n|---|---|---|---|---|\n"
    reasons = {address: entry.reason for entry in plan_only() for address in entry.addresses}
    for module in modules():
        yield _row(module, reasons)
    yield "\n"


def _row(module: Path, reasons: dict[str, str]) -> str:
    addresses = resources(module)
    planned = [address for address in addresses if address in reasons]
    why = dict.fromkeys(reasons[address] for address in planned)
    told = [f"{_types(a for a in planned if reasons[a] == reason)}: {reason}" for reason in why]
    cells = [f"[{module.name}](../terraform/modules/{module.name}/README.md)", _purpose(module), _types(addresses)]
    cells += [f"{len(addresses) - len(planned)} of {len(addresses)}", " ".join(told)]
    return "| " + " | ".join(cells) + " |\n"


def _types(addresses: Iterator[str] | list[str]) -> str:
    found = Counter(address.split(".")[2].removeprefix("aws_") for address in addresses)
    return ", ".join(f"`{kind}` ×{number}" if number > 1 else f"`{kind}`" for kind, number in sorted(found.items()))


def _purpose(module: Path) -> str:
    """The first sentence of its README."""
    paragraph = (module / "README.md").read_text(encoding="utf-8").split("\n\n")[1]
    return " ".join(paragraph.split())


if __name__ == "__main__":
    PAGE.write_text(with_table(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    sys.stdout.write(f"wrote {PAGE}\n")
