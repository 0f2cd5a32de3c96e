from __future__ import annotations

from pathlib import Path

from opsctl.core.drift.memory import Seen
from opsctl.tools.drift_memory import DriftFile

SEEN = {"d-1": Seen("aws_vpc.this", "enable_dns", 1.0, 2.0)}


def test_what_was_seen_is_there_the_next_time(tmp_path: Path) -> None:
    memory = DriftFile(tmp_path / "live")
    assert memory.load() == {}
    memory.save(SEEN)
    assert DriftFile(tmp_path / "live").load() == SEEN


def test_a_file_that_nobody_can_read_is_no_reason_not_to_look(tmp_path: Path) -> None:
    (tmp_path / "drift.json").write_text('{"d-1": {"first": 1}}')
    assert DriftFile(tmp_path).load() == {}
