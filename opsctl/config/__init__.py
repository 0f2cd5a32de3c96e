"""The environment file: read, merged, checked, and every value's origin known."""

from opsctl.config.load import Loaded, Provenance, environment_names, load, require

__all__ = ["Loaded", "Provenance", "environment_names", "load", "require"]
