"""Expectations of `metric_dictionary`: every metric says what it is."""

from __future__ import annotations

from expectations.vocabulary import Filled, NotEmptied, OneOf, RowCount, Suite

SUITE = Suite(
    "metric_dictionary",
    (
        NotEmptied(),
        RowCount(),
        Filled("name"),
        Filled("name_zh"),
        Filled("question"),
        Filled("formula"),
        Filled("unit"),
        Filled("owner"),
        OneOf("function", ("standards", "tools", "people", "execution", "strategy", "maturity")),
    ),
)
