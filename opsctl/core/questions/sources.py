"""Where a default is from: what was found in the application, what AWS says, or a judgement of ours."""

from __future__ import annotations

SETTINGS = "the application's settings (team_leader.yaml)"
SCHEMA = "the application's database schema"
PROJECT = "the application's pyproject.toml"
TARGETS = "the project's targets: 1,000 agents, 2 s, 99.9 %"
AWS = "AWS's documentation"
OURS = "opsctl's judgement"
