"""Before anything: are these the credentials of the environment's account?

The provider asks, too, but only while it plans, and Terraform would have asked the state bucket of a foreign account
before that.
"""

from __future__ import annotations

from opsctl.core.account import check_caller
from opsctl.ports.provisioning import InfraPorts


def ensure_account(ports: InfraPorts) -> None:
    check_caller(ports.account.caller(), ports.origin.account, ports.origin.region)
