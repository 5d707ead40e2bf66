"""Expectations of `restatements`: two builds, two values, one cause."""

from __future__ import annotations

from expectations.vocabulary import Filled, NoRows, OneOf, Suite

SUITE = Suite(
    "restatements",
    (
        Filled("cause"),
        Filled("old_build_id"),
        OneOf("cause", ("late_fact", "correction", "definition", "mapping")),
        OneOf("period_type", ("month", "week")),
        NoRows(
            "says_something_new",
            "select metric_id, scope_type, scope_id, period_start, old_value from {batch} where old_value is not distinct from new_value",
            "a restatement that restates nothing",
        ),
        NoRows(
            "comes_after_what_it_restates",
            "select metric_id, scope_id, build_id, old_build_id from {batch} where build_id = old_build_id",
            "a build that restates itself",
        ),
    ),
)
