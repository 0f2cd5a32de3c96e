"""What runs in the guard pod, as `python -m opsctl.guard`: a composition root of its own, so that it stays small."""
