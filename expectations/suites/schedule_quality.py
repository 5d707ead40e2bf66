"""Expectations of `schedule_quality`: fourteen checks of every project with a baseline, and verdicts that agree with their values."""

from __future__ import annotations

from expectations.vocabulary import Between, Filled, NoRows, NotEmptied, OneOf, RowCount, Suite

SUITE = Suite(
    "schedule_quality",
    (
        NotEmptied(),
        RowCount(),
        Filled("name"),
        Filled("threshold"),
        Between("check_no", 1, 14),
        OneOf("status", ("ok", "not_applicable")),
        NoRows(
            "verdict_agrees_with_value",
            """
            select project_id, check_no, value, threshold, applicable, passed, status, reason
            from {batch}
            where applicable <> (value is not null)
                or applicable <> (passed is not null)
                or applicable <> (status = 'ok')
                or (not applicable and reason is null)
                or passed <> case when check_no in (4, 12, 13, 14) then value >= threshold else value <= threshold end
            """,
            "a verdict without a value, a missing reason, or a verdict against its threshold",
        ),
        NoRows(
            "every_baseline_has_fourteen_checks",
            """
            select plans.project_id, count(checks.check_no) as checks
            from (
                select distinct project_id
                from core.baselines semi join core.projects using (project_id)
                    semi join (select * from core.baseline_tasks where is_leaf) using (project_id, baseline_version)
                where is_active
            ) as plans
            left join {batch} as checks using (project_id)
            group by plans.project_id
            having count(checks.check_no) <> 14
            """,
            "a project with an active baseline does not have all checks",
        ),
    ),
)
