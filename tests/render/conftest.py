"""Environments to render."""

from __future__ import annotations

import pytest

from opsctl.core.derive import derive
from opsctl.core.environment import Aws, Environment


@pytest.fixture
def live() -> Environment:
    """On AWS itself, complete."""
    return derive(Environment(name="live", stage="production", aws=Aws(account_id="123456789012")))[0]


@pytest.fixture
def emulated() -> Environment:
    return derive(Environment(name="local", aws=Aws(account_id="123456789012", emulated=True)))[0]
