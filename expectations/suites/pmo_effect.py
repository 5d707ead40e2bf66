"""Expectations of `pmo_effect`: rates as published, a difference only where both years have cases, and inside its interval."""

from __future__ import annotations

from expectations.vocabulary import Between, Filled, NoRows, NotEmptied, OneOf, RowCount, Suite

SUITE = Suite(
    "pmo_effect",
    (
        NotEmptied(),
        RowCount(),
        OneOf("metric_id", ("on_time_delivery", "on_budget_delivery", "status_report_timeliness")),
        Filled("n_now"),
        Filled("n_then"),
        Between("n_now", minimum=0),
        Between("n_then", minimum=0),
        Between("value_now", minimum=0, maximum=100),
        Between("value_12m_ago", minimum=0, maximum=100),
        NoRows(
            "no_difference_without_cases",
            "select metric_id, month, delta, n_now, n_then from {batch}"
            " where (n_now > 0 and n_then > 0) <> (delta is not null and ci_low is not null and ci_high is not null)",
            "a difference to a year without cases, or none although both have some",
        ),
        NoRows(
            "difference_lies_in_its_interval",
            # a few bits of a double, where a share is 0 or 1 and the interval ends at the difference itself
            "select metric_id, month, delta, ci_low, ci_high from {batch}"
            " where ci_low > delta + 1e-9 or ci_high < delta - 1e-9 or ci_low < -100 - 1e-9 or ci_high > 100 + 1e-9",
            "an interval that does not hold its difference, or is wider than possible",
        ),
        NoRows(
            "rates_are_those_of_the_metrics",
            """
            select e.metric_id, e.month, e.value_now, k.value as kpi_value
            from {batch} as e
            inner join reports.kpi_values as k
                on k.metric_id = e.metric_id and k.scope_type = 'organization' and k.period_type = 'month' and k.period_start = e.month
            where (k.value is null) <> (e.value_now is null) or abs(k.value - e.value_now) > 1e-9
            """,
            "a rate differs from the metric of its name",
        ),
    ),
)
