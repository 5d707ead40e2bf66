"""Expectations of `kpi_values`: values that their numerator and denominator explain, of metrics that are defined."""

from __future__ import annotations

from expectations.vocabulary import Between, Filled, NoRows, NotEmptied, OneOf, RowCount, Suite

SUITE = Suite(
    "kpi_values",
    (
        NotEmptied(),
        RowCount(),
        Filled("status"),
        Filled("unit"),
        OneOf("scope_type", ("project", "program", "portfolio", "team", "person", "source", "organization")),
        OneOf("status", ("ok", "immature", "undefined", "insufficient_evidence", "not_applicable")),
        OneOf("rag", ("green", "amber", "red")),
        Between("n", minimum=0),
        NoRows(
            "metric_is_in_the_dictionary",
            """
            select distinct k.metric_id, k.metric_version
            from {batch} as k
            anti join reports.metric_dictionary as d on d.metric_id = k.metric_id and d.metric_version = k.metric_version
            """,
            "a value of a metric that nobody has defined",
        ),
        NoRows(
            "value_is_its_ratio",
            """
            select metric_id, scope_type, scope_id, period_start, value, numerator, denominator
            from {batch}
            where abs(value - case unit when '%' then 100 else 1 end * cast(numerator as double) / cast(denominator as double))
                > 1e-6 * greatest(1, abs(value))
            """,
            "a value is not numerator / denominator (times 100 in percent), so whoever adds up again gets another number",
        ),
        NoRows(
            "undefined_has_a_reason",
            "select metric_id, scope_type, scope_id, period_start, status from {batch} where value is null and reason is null",
            "a value is missing and nobody is told why",
        ),
        NoRows(
            "undefined_is_null",
            "select metric_id, scope_type, scope_id, period_start, value from {batch} where status = 'undefined' and value is not null",
            "an undefined value is a number",
        ),
    ),
)
