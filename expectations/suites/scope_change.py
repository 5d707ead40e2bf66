"""Expectations of `scope_change`: every decision of the register in the month of its day, and a balance of what is undecided."""

from __future__ import annotations

from expectations.vocabulary import Between, Filled, NoRows, NotEmptied, RowCount, Suite

SUITE = Suite(
    "scope_change",
    (
        NotEmptied(),
        RowCount(),
        Filled("currency"),
        Between("approved", minimum=0),
        Between("rejected", minimum=0),
        Between("pending", minimum=0),
        Between("change_rate_pct", minimum=0),
        NoRows(
            "nothing_approved_changes_nothing",
            "select project_id, month, cost_impact, schedule_impact_days, change_rate_pct from {batch}"
            " where approved = 0 and (cost_impact <> 0 or schedule_impact_days <> 0 or change_rate_pct > 0)",
            "a month without an approved change says that cost or dates changed",
        ),
        NoRows(
            "decisions_reconcile_with_core",
            """
            select project_id, c.approved as approved_in_core, t.approved, c.rejected as rejected_in_core, t.rejected
            from (
                select project_id, sum(approved) as approved, sum(rejected) as rejected, sum(cost_impact) as cost_impact
                from {batch} group by project_id
            ) as t
            full join (
                select
                    project_id,
                    count(*) filter (where decision = 'approved') as approved,
                    count(*) filter (where decision = 'rejected') as rejected,
                    coalesce(sum(cost_impact) filter (where decision = 'approved'), 0) as cost_impact
                from core.change_requests
                semi join core.projects using (project_id)
                cross join (select min(month) as first_day, max(as_of_date) as last_day from marts.reporting_months) as told
                where decided_date between told.first_day and told.last_day
                group by project_id
            ) as c using (project_id)
            where coalesce(t.approved, 0) <> coalesce(c.approved, 0)
                or coalesce(t.rejected, 0) <> coalesce(c.rejected, 0)
                or coalesce(t.cost_impact, 0) <> coalesce(c.cost_impact, 0)
            """,
            "decisions of the register that no month counts, or counted twice, or their money",
        ),
    ),
)
