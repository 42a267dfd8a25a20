"""Measures what the project promises: speed, memory, exactness. ``python -m benchmarks --help``."""
