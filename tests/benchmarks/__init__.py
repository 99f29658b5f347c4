"""Benchmarks: `make bench` runs them all, `make bench T=scan` one.

Each ``bench_NAME.py`` has ``main() -> int``: it prints one table, compares in the
same run, and returns how many of its bars were missed.
"""

import services  # noqa: F401 - has NumPy use one thread, as the services do; first of all
