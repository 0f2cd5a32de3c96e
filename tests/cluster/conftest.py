"""The cluster that these tests run on."""

from __future__ import annotations

from sandbox_cluster import cluster, new_namespace

__all__ = ["cluster", "new_namespace"]
