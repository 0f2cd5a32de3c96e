"""The composition root: the only module that chooses a concrete adapter."""

from opsctl.wiring.checkup import checkup
from opsctl.wiring.cluster import (
    access_ports,
    kubeconfig_of,
    names_of,
    open_api,
    open_bindings,
    open_cluster,
    open_journal,
    open_own_api,
    open_tapes,
)
from opsctl.wiring.infrastructure import drift_memory, infrastructure, state_lock_ports
from opsctl.wiring.records import apply_records, known_outputs, last_apply, state_key
from opsctl.wiring.release import git_commit, release_ports

__all__ = [
    "access_ports",
    "apply_records",
    "checkup",
    "drift_memory",
    "git_commit",
    "infrastructure",
    "known_outputs",
    "kubeconfig_of",
    "last_apply",
    "names_of",
    "open_api",
    "open_bindings",
    "open_cluster",
    "open_journal",
    "open_own_api",
    "open_tapes",
    "release_ports",
    "state_key",
    "state_lock_ports",
]
