"""Expectations of `risk_exposure`: possible counts and amounts, whole months, and the number that the roll-ups and metrics tell."""

from __future__ import annotations

from expectations.vocabulary import Between, Filled, NoRows, NotEmptied, RowCount, Suite

SUITE = Suite(
    "risk_exposure",
    (
        NotEmptied(),
        RowCount(),
        Filled("currency"),
        Between("open_threats", minimum=0),
        Between("open_opportunities", minimum=0),
        NoRows(
            "overdue_are_open",
            "select project_id, month_end, overdue_responses, open_threats, open_opportunities from {batch}"
            " where overdue_responses < 0 or overdue_responses > open_threats + open_opportunities",
            "more overdue responses than open risks",
        ),
        NoRows(
            "no_threat_no_exposure",
            "select project_id, month_end, open_threats, exposure from {batch}"
            " where open_threats = 0 and exposure is distinct from 0"
            " or open_opportunities = 0 and opportunity_value is distinct from 0",
            "money at risk without a risk, or a register in which nothing is open that does not say 0",
        ),
        NoRows(
            "months_without_gap",
            """
            select project_id, count(*) as rows_found, min(month_end) as first_month, max(month_end) as last_month
            from {batch}
            group by project_id
            having count(*) <> (
                select count(*) from marts.reporting_months where as_of_date between min(month_end) and max(month_end)
            ) or max(month_end) <> (select max(as_of_date) from marts.reporting_months)
            """,
            "a month is missing between a project's first risk and the status date",
        ),
        NoRows(
            "newest_agrees_with_project_health",
            """
            select project_id, exposure, health.risk_exposure, open_threats + open_opportunities as open_risks, health.open_risks as told
            from {batch} as risks
            inner join reports.project_health as health using (project_id)
            where risks.month_end = health.as_of_date
                and (abs(exposure - health.risk_exposure) > 0.01 or open_threats + open_opportunities <> health.open_risks)
            """,
            "the risk table and project_health tell different numbers of one day",
        ),
    ),
)
