"""Expectations of `pmo_capability`: every indicator of the thresholds in every reporting month, and values that their status explains."""

from __future__ import annotations

from expectations.vocabulary import Between, Filled, NoRows, NotEmptied, OneOf, RowCount, Suite

SUITE = Suite(
    "pmo_capability",
    (
        NotEmptied(),
        RowCount(),
        Filled("unit"),
        OneOf("function", ("standards", "tools", "people", "execution", "strategy", "maturity")),
        OneOf("status", ("ok", "undefined", "insufficient_evidence")),
        Between("n", minimum=0),
        NoRows(
            "status_agrees_with_value",
            "select function, indicator, month, value, status, reason from {batch}"
            " where (status = 'ok' and (value is null or reason is not null)) or (status = 'undefined' and value is not null)"
            " or (status <> 'ok' and reason is null)",
            "an indicator without a value that is ok, one with a value that is undefined, or one that does not say why",
        ),
        NoRows(
            "every_indicator_every_month",
            """
            select e.function, e.indicator, e.month
            from (
                select distinct t.function, t.indicator, m.month
                from core.effective_maturity_thresholds as t
                cross join marts.reporting_months as m
            ) as e
            anti join {batch} as p on p.function = e.function and p.indicator = e.indicator and p.month = e.month
            """,
            "an indicator of the thresholds is left out of a month in silence",
        ),
        NoRows(
            "values_are_those_of_the_metrics",
            """
            select p.function, p.indicator, p.month, p.value, k.value as kpi_value
            from {batch} as p
            inner join reports.kpi_values as k
                on k.metric_id = p.indicator and k.scope_type = 'organization' and k.period_type = 'month' and k.period_start = p.month
            where k.value is distinct from p.value
            """,
            "an indicator differs from the metric of its name",
        ),
    ),
)
