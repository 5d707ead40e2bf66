"""Expectations of `data_quality`: verdicts in the words of the gate."""

from __future__ import annotations

from expectations.vocabulary import Between, Filled, OneOf, Suite

SUITE = Suite(
    "data_quality",
    (
        Filled("passed"),
        OneOf("tier", ("landing", "dbt", "expectations", "publish")),
        OneOf("severity", ("error", "warn")),
        Between("rows_failed", minimum=0),
    ),
)
