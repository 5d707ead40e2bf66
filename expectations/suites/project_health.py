"""Expectations of `project_health`: one row a project, colours that are colours, shares in range."""

from __future__ import annotations

from expectations.vocabulary import Between, Filled, NoRows, NotEmptied, OneOf, RowCount, Suite

SUITE = Suite(
    "project_health",
    (
        NotEmptied(),
        RowCount(),
        Filled("name"),
        Filled("status"),
        OneOf("status", ("proposed", "approved", "active", "on_hold", "cancelled", "closed")),
        OneOf("rag", ("green", "amber", "red")),
        OneOf("reported_rag", ("green", "amber", "red")),
        Between("percent_complete", 0, 100),
        Between("open_risks", minimum=0),
        Between("risk_exposure", minimum=0),
        Between("open_defects", minimum=0),
        NoRows(
            "watermelon_is_green_outside_red_inside",
            "select project_id, reported_rag, rag, watermelon from {batch} where watermelon != (reported_rag = 'green' and rag = 'red')",
            "a project called watermelon that is not reported green and computed red",
        ),
        NoRows(
            "rows_reconcile_with_core",
            """
            select project_id, c.project_id is null as is_missing_in_core, p.project_id is null as is_missing_here
            from core.projects as c
            full join {batch} as p using (project_id)
            where c.project_id is null or p.project_id is null
            """,
            "a project of core is not published, or one is published that core does not have",
        ),
    ),
)
