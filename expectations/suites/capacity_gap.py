"""Expectations of `capacity_gap`: gaps that their parts explain, and every hour of open work in one role at most."""

from __future__ import annotations

from expectations.vocabulary import Between, Filled, NoRows, NotEmptied, RowCount, Suite

SUITE = Suite(
    "capacity_gap",
    (
        NotEmptied(),
        RowCount(),
        Filled("role"),
        Filled("capacity_hours"),
        Between("capacity_hours", minimum=0),
        Between("demand_hours", minimum=0),
        NoRows(
            "gap_is_demand_less_capacity",
            "select role, month, capacity_hours, demand_hours, gap_hours from {batch}"
            " where gap_hours is distinct from demand_hours - capacity_hours",
            "a gap is not the difference of its two parts",
        ),
        NoRows(
            "month_starts_on_its_first_day_and_not_before_as_of",
            """
            select role, month, o.as_of_date
            from {batch} cross join core.organization as o
            where month != date_trunc('month', month)
                or month < date_trunc('month', o.as_of_date)
                or month > date_trunc('month', o.as_of_date) + interval 11 month
            """,
            "a row for a month that plans are not laid out for",
        ),
        NoRows(
            "unassigned_work_has_no_capacity",
            "select role, month, capacity_hours from {batch} where role = 'unassigned' and capacity_hours != 0",
            "somebody's capacity stands under work that nobody is assigned to",
        ),
        NoRows(
            "months_of_an_item_are_at_most_its_hours",
            """
            select source, item_id, min(hours) as hours, sum(month_hours) as laid_out
            from marts.open_work group by source, item_id
            having sum(month_hours) > min(hours)
            """,
            "more work was laid over the months than an item has left",
            advice="Look at marts.open_work: an item met two sprints, versions or identities.",
        ),
    ),
)
