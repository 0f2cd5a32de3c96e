"""The composition root: the only module that chooses a concrete adapter."""

from __future__ import annotations
