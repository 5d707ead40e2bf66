"""Expectations of `benefits_realization`: every benefit of core, and a share exactly where one can be told."""

from __future__ import annotations

from expectations.vocabulary import Filled, NoRows, NotEmptied, OneOf, RowCount, Suite

SUITE = Suite(
    "benefits_realization",
    (
        NotEmptied(),
        RowCount(),
        Filled("unit"),
        Filled("due_date"),
        Filled("due"),
        OneOf("status", ("ok", "not_applicable", "undefined")),
        NoRows(
            "share_or_reason",
            "select project_id, benefit_id, realization_pct, status, reason from {batch}"
            " where (realization_pct is null) <> (reason is not null) or (status = 'ok') <> (reason is null)",
            "a share without a value has no reason, or one with a value has",
        ),
        NoRows(
            "not_before_due",
            "select project_id, benefit_id, due_date, realization_pct from {batch} where not due and realization_pct is not null",
            "a benefit is judged before it is due",
        ),
        NoRows(
            "rows_reconcile_with_core",
            """
            select project_id, benefit_id, c.name is null as is_missing_in_core, p.unit is null as is_missing_here
            from (select * from core.benefits semi join core.projects using (project_id)) as c
            full join {batch} as p using (project_id, benefit_id)
            where c.name is null or p.unit is null
            """,
            "a benefit of core is not published, or one is published that core does not have",
        ),
    ),
)
