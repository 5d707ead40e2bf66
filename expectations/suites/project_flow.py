"""Expectations of `project_flow`: counts and shares in range, and every finished item in one week."""

from __future__ import annotations

from expectations.vocabulary import Between, NoRows, NotEmptied, RowCount, Suite

SUITE = Suite(
    "project_flow",
    (
        NotEmptied(),
        RowCount(),
        Between("arrivals", minimum=0),
        Between("throughput", minimum=0),
        Between("wip", minimum=0),
        Between("flow_efficiency", 0, 1),
        Between("blocked_share", 0, 1),
        Between("cycle_time_p50_days", minimum=0),
        NoRows(
            "week_starts_on_monday",
            "select project_id, week_start from {batch} where isodow(week_start) != 1",
            "a week that does not start on Monday",
        ),
        NoRows(
            "percentiles_in_order",
            "select project_id, week_start, cycle_time_p50_days, cycle_time_p85_days from {batch}"
            " where cycle_time_p50_days > cycle_time_p85_days or lead_time_p50_days > lead_time_p85_days",
            "a median above its 85th percentile",
        ),
        NoRows(
            "rows_reconcile_with_work_items",
            """
            select project_id, i.arrived, f.arrivals, i.done, f.throughput
            from (
                select project_id, count(*) as arrived, count(*) filter (where state = 'done') as done
                from reports.work_item_cycle
                where state != 'deleted'
                group by project_id
            ) as i
            full join (select project_id, sum(arrivals) as arrivals, sum(throughput) as throughput from {batch} group by project_id) as f
                using (project_id)
            where coalesce(i.arrived, 0) != coalesce(f.arrivals, 0) or coalesce(i.done, 0) != coalesce(f.throughput, 0)
            """,
            "the weeks do not add up to the project's work items: created or done",
        ),
    ),
)
