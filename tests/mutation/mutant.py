"""What a mutant is: one wrong formula, and what judges it.

Belongs here: its shape.
Does not: the mutants (`mutants.py`, `register_mutants.py`), running them (`__main__.py`).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Mutant:
    """A formula broken in one place.

    Attributes:
        file: under `dbt/`.
        old: text that occurs once in it.
        units: models whose dbt unit tests judge it.
        tests: test files that judge it, seconds each; only where unit tests cannot.
    """

    name: str
    file: str
    old: str
    new: str
    units: tuple[str, ...] = ()
    tests: tuple[str, ...] = ()
