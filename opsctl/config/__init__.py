"""The environment file: read, merged, checked, and every value's origin known."""

from opsctl.config.load import Loaded, Provenance, environment_names, known_keys, load, load_all, require

__all__ = ["Loaded", "Provenance", "environment_names", "known_keys", "load", "load_all", "require"]
