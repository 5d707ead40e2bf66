"""Expectations of `source_freshness`: every stream that was ever delivered, with its rows."""

from __future__ import annotations

from expectations.vocabulary import Between, Filled, NoRows, NotEmptied, OneOf, RowCount, Suite

SUITE = Suite(
    "source_freshness",
    (
        NotEmptied(),
        RowCount(),
        Filled("last_loaded_at"),
        Filled("status"),
        OneOf("status", ("ok", "late", "not_applicable")),
        Between("rows", minimum=0),
        Between("lag_hours", minimum=0),
        NoRows(
            "rows_reconcile_with_landing",
            """
            select connection, stream, l.connection is null as is_missing_in_landing, p.connection is null as is_missing_here
            from (select distinct source, connection, stream from landing.loads) as l
            full join {batch} as p using (source, connection, stream)
            where l.connection is null or p.connection is null
            """,
            "a stream of landing is not published, or one is published that landing does not have",
        ),
    ),
)
