"""Expectations of `quarantine`: every row that was set aside is shown, with its reason."""

from __future__ import annotations

from expectations.vocabulary import Filled, NoRows, Suite

SUITE = Suite(
    "quarantine",
    (
        Filled("file"),
        Filled("reason"),
        NoRows(
            "rows_reconcile_with_landing",
            """
            select connection, stream, l.records as rows_in_landing, p.records as rows_published
            from (
                select connection, stream, sum(rows_quarantined) as records
                from (
                    select connection, stream, rows_quarantined
                    from landing.loads
                    qualify row_number() over (partition by connection, stream, file order by delivery desc) = 1
                )
                group by all
            ) as l
            full join (select connection, stream, count(*) as records from {batch} group by all) as p using (connection, stream)
            where coalesce(l.records, 0) != coalesce(p.records, 0)
            """,
            "rows that were set aside are not all published, or more are published than were set aside",
        ),
    ),
)
