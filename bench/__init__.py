"""Speed, as ratios against the bare tools on the same machine in the same run.

A ratio survives a slow or busy computer, a number of seconds does not; that is why nothing in `tests/` is timed.
Each measurement is one module with `measure(sandbox, rounds) -> list[Row]`. `python -m bench --help` tells more.
"""
