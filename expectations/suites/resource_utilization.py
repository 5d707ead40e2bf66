"""Expectations of `resource_utilization`: hours and shares in range, and every booked hour counted once."""

from __future__ import annotations

from expectations.vocabulary import Between, NoRows, NotEmptied, OneOf, RowCount, Suite
from reports.verdicts import Severity

SUITE = Suite(
    "resource_utilization",
    (
        NotEmptied(),
        RowCount(),
        OneOf("scope_type", ("person", "team", "organization")),
        Between("capacity_hours", minimum=0),
        Between("leave_hours", minimum=0),
        Between("logged_hours", minimum=0),
        Between("timesheet_completeness_pct", minimum=0),
        Between("submitted_on_time_pct", 0, 100),
        Between("utilization_pct", 0, 300, Severity.WARN, advice="More than three times the capacity: look at units and at leave."),
        NoRows(
            "parts_at_most_whole",
            "select scope_type, scope_id, week_start, logged_hours, productive_hours, overhead_hours from {batch}"
            " where productive_hours > logged_hours or overhead_hours > logged_hours",
            "more productive or overhead hours than logged ones",
        ),
        NoRows(
            "hours_reconcile_with_core",
            """
            select week_start, c.hours as hours_in_core, p.hours as hours_published
            from (
                select cast(date_trunc('week', t.work_date) as date) as week_start, sum(t.hours) as hours
                from core.timesheet_entries as t
                cross join core.organization as o
                where date_trunc('week', t.work_date) <= o.as_of_date
                group by all
            ) as c
            full join (
                select week_start, sum(logged_hours) as hours from {batch} where scope_type = 'organization' group by week_start
            ) as p using (week_start)
            where coalesce(c.hours, 0) != coalesce(p.hours, 0)
            """,
            "the organization's hours of a week are not the sum of its timesheet entries",
            advice="Look at the join that loses or doubles these hours; nothing in the delivered data causes this.",
        ),
        NoRows(
            "hours_reconcile_with_landing",
            """
            select source, l.hours as hours_landed, c.hours as hours_in_core
            from (
                select _connection as source, sum(try_cast(hours as decimal(18, 9))) as hours
                from (
                    select _connection, _deleted, hours
                    from landing.timesheet_entries
                    qualify row_number() over (partition by _connection, entry_id order by _delivery desc, _line desc) = 1
                )
                where not coalesce(_deleted, false)
                group by _connection
                union all
                select source, total as hours from core.landed_totals where entity = 'timesheet_entries'
            ) as l
            full join (
                select source, sum(hours) as hours
                from core.timesheet_entries
                where source not in (select _connection from landing.api_records) or source in (select source from core.landed_totals)
                group by source
            ) as c using (source)
            where coalesce(l.hours, 0) != coalesce(c.hours, 0)
            """,
            "hours that were landed and not quarantined are not all in core",
            advice="Look at staging and core of timesheet_entries; nothing in the delivered data causes this.",
        ),
    ),
)
