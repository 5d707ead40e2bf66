"""Expectations of `milestone_tracking`: every milestone of core, and a hit that agrees with its dates."""

from __future__ import annotations

from expectations.vocabulary import Filled, NoRows, NotEmptied, RowCount, Suite

SUITE = Suite(
    "milestone_tracking",
    (
        NotEmptied(),
        RowCount(),
        Filled("baseline_date"),
        NoRows(
            "hit_agrees_with_dates",
            "select project_id, milestone_id, baseline_date, actual_date, hit from {batch}"
            " where (hit and actual_date > baseline_date) or (not hit and actual_date <= baseline_date)",
            "a milestone counted as met that was late, or the reverse",
        ),
        NoRows(
            "rows_reconcile_with_core",
            """
            select project_id, milestone_id, c.name is null as is_missing_in_core, p.name is null as is_missing_here
            from (select * from core.milestones semi join core.projects using (project_id)) as c
            full join {batch} as p using (project_id, milestone_id)
            where c.name is null or p.name is null
            """,
            "a milestone of core is not published, or one is published that core does not have",
        ),
    ),
)
