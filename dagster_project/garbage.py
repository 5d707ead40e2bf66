"""Python's garbage collector in processes that hold much and soon end.

Belongs here: how seldom it looks.
Does not: memory of DuckDB.
"""

from __future__ import annotations

import gc

YOUNG_OBJECTS = 20_000
"""New objects before it looks at them; Python's own figure is 700 (3.11) or 2,000."""
ROUNDS = 50


def collect_seldom() -> None:
    """Look seldom, and never again at what is there now.

    dbt's manifest and Dagster's definitions are hundreds of thousands of objects that stay until the end. To go through them again and
    again took a twelfth of a run's processor time.
    """
    gc.freeze()
    gc.set_threshold(YOUNG_OBJECTS, ROUNDS, ROUNDS)
