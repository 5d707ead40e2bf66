"""Expectations of `portfolio_overview`: one row a portfolio, and sums that are those of its projects."""

from __future__ import annotations

from expectations.vocabulary import Between, Filled, NoRows, NotEmptied, OneOf, RowCount, Suite

SUITE = Suite(
    "portfolio_overview",
    (
        NotEmptied(),
        RowCount(),
        Filled("name"),
        OneOf("rag", ("green", "amber", "red")),
        Between("projects_active", minimum=0),
        Between("projects_at_risk", minimum=0),
        Between("projects_closed_12m", minimum=0),
        Between("on_time_pct", 0, 100),
        Between("on_budget_pct", 0, 100),
        Between("late_or_forecast_late_pct", 0, 100),
        Between("bac", minimum=0),
        NoRows(
            "active_projects_reconcile",
            """
            select portfolio_id, p.projects_active, h.projects_active as active_in_project_health
            from {batch} as p
            left join (
                select portfolio_id, count(*) as projects_active from reports.project_health where status = 'active' group by portfolio_id
            ) as h using (portfolio_id)
            where p.projects_active != coalesce(h.projects_active, 0)
            """,
            "the number of active projects is not that of project_health",
        ),
        NoRows(
            "rows_reconcile_with_core",
            """
            select portfolio_id, c.portfolio_id is null as is_missing_in_core, p.portfolio_id is null as is_missing_here
            from core.portfolios as c
            full join {batch} as p using (portfolio_id)
            where c.portfolio_id is null or p.portfolio_id is null
            """,
            "a portfolio of core is not published, or one is published that core does not have",
        ),
    ),
)
