"""Benchmarks: how fast the pipeline is, in seconds on this machine and as ratios that carry over to another one.

Belongs here: one module a benchmark with a function `run(folder)`, and what they measure with.
Does not: limits that a test enforces (`tests/`), figures without the machine they were measured on (`README.md`).
"""
