"""Expectations of `work_item_cycle`: durations that can be, and every work item counted."""

from __future__ import annotations

from expectations.vocabulary import Between, Filled, NoRows, NotEmptied, OneOf, RowCount, Suite

SUITE = Suite(
    "work_item_cycle",
    (
        NotEmptied(),
        RowCount(),
        Filled("project_id"),
        Filled("state"),
        Filled("created_at"),
        OneOf("state", ("backlog", "committed", "active", "waiting", "done", "discarded", "deleted", "unmapped")),
        OneOf("status", ("ok", "immature", "undefined", "insufficient_evidence", "not_applicable")),
        Between("lead_seconds", minimum=0),
        Between("cycle_seconds", minimum=0),
        Between("active_seconds", minimum=0),
        Between("waiting_seconds", minimum=0),
        Between("reopen_count", minimum=0),
        NoRows(
            "only_done_items_have_a_cycle",
            "select source, item_id, state, lead_seconds, cycle_seconds from {batch}"
            " where state != 'done' and (lead_seconds is not null or cycle_seconds is not null)",
            "an item that is not done has a lead or cycle time",
        ),
        NoRows(
            "rows_reconcile_with_core",
            """
            select source, item_id, c.item_id is null as is_missing_in_core, p.item_id is null as is_missing_here
            from (
                select w.source, w.item_id
                from core.work_items as w
                inner join core.project_time as t on t.project_id = w.project_id
                where not w.is_deleted and w.created_at < t.as_of_instant
            ) as c
            full join (select source, item_id from {batch} where state != 'deleted') as p using (source, item_id)
            where c.item_id is null or p.item_id is null
            """,
            "a live work item of core is not published, or one is published that core does not have",
            advice="Look at the join that loses or invents these items; nothing in the delivered data causes this.",
        ),
    ),
)
