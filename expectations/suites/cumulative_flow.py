"""Expectations of `cumulative_flow`: counts that can be, and on the last day every live item in one category."""

from __future__ import annotations

from expectations.vocabulary import Between, NoRows, NotEmptied, OneOf, RowCount, Suite

SUITE = Suite(
    "cumulative_flow",
    (
        NotEmptied(),
        RowCount(),
        OneOf("category", ("backlog", "committed", "active", "waiting", "done", "discarded")),
        Between("items", minimum=0),
        NoRows(
            "rows_reconcile_with_work_items",
            """
            select project_id, i.items as work_items, f.items as items_on_the_last_day
            from (
                select project_id, count(*) as items
                from reports.work_item_cycle
                where state not in ('deleted', 'unmapped')
                group by project_id
            ) as i
            full join (
                select f.project_id, sum(f.items) as items
                from {batch} as f
                inner join core.organization as o on f.day = o.as_of_date
                group by f.project_id
            ) as f using (project_id)
            where coalesce(i.items, 0) != coalesce(f.items, 0)
            """,
            "the categories of the last day do not add up to the project's live work items",
        ),
    ),
)
