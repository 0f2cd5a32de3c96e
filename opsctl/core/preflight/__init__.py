"""Before a plan is applied: what would stop it half way, known in seconds. What nobody can tell is *unknown*."""
