"""Expectations of `build_history`: one row a run that ended."""

from __future__ import annotations

from expectations.vocabulary import Between, Filled, NoRows, Suite

SUITE = Suite(
    "build_history",
    (
        Filled("as_of"),
        Filled("published"),
        Between("checks_passed", minimum=0),
        Between("checks_failed", minimum=0),
        Between("rows", minimum=0),
        NoRows(
            "ends_after_it_started",
            "select build_id, started_at, finished_at from {batch} where finished_at < started_at",
            "a run that ended before it started",
        ),
    ),
)
