"""Expectations of `delivery_forecast`: later for a greater share, one seed a project, and the open items of the flow."""

from __future__ import annotations

from expectations.vocabulary import Between, Filled, NoRows, NotEmptied, OneOf, RowCount, Suite

SUITE = Suite(
    "delivery_forecast",
    (
        NotEmptied(),
        RowCount(),
        Filled("seed"),
        Filled("remaining_items"),
        Between("remaining_items", minimum=0),
        Between("trials", minimum=10_000),
        OneOf("status", ("ok", "immature", "undefined")),
        NoRows(
            "percentiles_in_order",
            """
            select project_id, percentile, finish_date from (
                select *, max(finish_date) over (partition by project_id order by percentile) as latest from {batch}
            )
            where finish_date < latest or finish_date <= as_of_date
            """,
            "a greater share of the trials is done earlier than a smaller one, or on a day that is over",
        ),
        NoRows(
            "four_percentiles_of_one_seed",
            "select project_id from {batch} group by project_id"
            " having list(percentile order by percentile) != [50, 70, 85, 95] or count(distinct seed) != 1 or count(distinct trials) != 1",
            "a project without one of its percentiles, or with rows of several simulations",
        ),
        NoRows(
            "undefined_says_why",
            "select project_id, percentile, finish_date, status, reason from {batch}"
            " where (finish_date is null) != (status = 'undefined') or (status != 'ok' and reason is null)",
            "a forecast without a date that does not say why, or a date that is called undefined",
        ),
        NoRows(
            "rows_reconcile_with_work_items",
            """
            select project_id, i.open_items, f.remaining_items
            from (
                select project_id, count(*) filter (where state in ('backlog', 'committed', 'active', 'waiting')) as open_items
                from reports.work_item_cycle
                where state != 'deleted'
                group by project_id
            ) as i
            full join (select distinct project_id, remaining_items from {batch}) as f using (project_id)
            where i.open_items is distinct from f.remaining_items
            """,
            "what remains is not what the work items show as open",
        ),
    ),
)
