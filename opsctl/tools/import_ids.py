"""By what Terraform imports a resource, where that is not its id: asked of AWS."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from opsctl.core.environment import Aws
from opsctl.core.unfinished import Made, by_id
from opsctl.tools.aws import client

_ROUTE = re.compile(r"^r-(rtb-[0-9a-f]{17})")


@dataclass(frozen=True)
class ImportIds:
    aws: Aws
    project: Path

    def of(self, made: Made) -> Made | None:
        """`made` with the id to import it by; None where that cannot be found out."""
        from botocore.exceptions import BotoCoreError, ClientError

        if by_id(made):
            return made
        ask = _ASKED.get(made.type)
        try:
            found = ask(client("ec2", self.aws, self.project), made.id) if ask else None
        except (BotoCoreError, ClientError):
            return None
        return replace(made, id=found) if found else None


def _association(ec2: Any, known: str) -> str | None:
    filters = [{"Name": "association.route-table-association-id", "Values": [known]}]
    for table in ec2.describe_route_tables(Filters=filters)["RouteTables"]:
        for each in table["Associations"]:
            if each["RouteTableAssociationId"] == known and "SubnetId" in each:
                return f"{each['SubnetId']}/{each['RouteTableId']}"
    return None


def _route(ec2: Any, known: str) -> str | None:
    """Terraform's id of a route ends with a hash of where it leads: only a table with one route of ours is certain."""
    table = _ROUTE.match(known)
    if table is None:
        return None
    found = ec2.describe_route_tables(RouteTableIds=[table[1]])["RouteTables"][0]["Routes"]
    ours = [route["DestinationCidrBlock"] for route in found if _made_by_hand(route)]
    return f"{table[1]}_{ours[0]}" if len(ours) == 1 else None


def _made_by_hand(route: Mapping[str, Any]) -> bool:
    return route.get("Origin") == "CreateRoute" and "DestinationCidrBlock" in route


_ASKED: dict[str, Callable[[Any, str], str | None]] = {
    "aws_route": _route,
    "aws_route_table_association": _association,
}
