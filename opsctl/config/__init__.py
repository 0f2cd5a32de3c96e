"""The environment file: read, merged, checked, and every value's origin known."""

from opsctl.config.load import (
    INFRASTRUCTURE,
    Loaded,
    Provenance,
    environment_names,
    known_keys,
    load,
    load_all,
    require,
)

__all__ = ["INFRASTRUCTURE", "Loaded", "Provenance", "environment_names", "known_keys", "load", "load_all", "require"]
