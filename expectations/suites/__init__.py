"""The suites, one module a published table.

Belongs here: finding them.
Does not: what each expects (the module of its table).
"""

from __future__ import annotations

import importlib
from functools import cache

from expectations.vocabulary import Suite
from reports.contract import TABLES


@cache
def all_suites() -> tuple[Suite, ...]:
    """The suite of every published table. A table without one is a mistake that shows at once, not a table that nobody checks."""
    return tuple(importlib.import_module(f"{__name__}.{table}").SUITE for table in TABLES)
