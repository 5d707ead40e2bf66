"""Expectations of `maturity_levels`: no level without evidence, and an overall level that is the least of the functions."""

from __future__ import annotations

from expectations.vocabulary import Between, Filled, NoRows, NotEmptied, OneOf, RowCount, Suite

SUITE = Suite(
    "maturity_levels",
    (
        NotEmptied(),
        RowCount(),
        Filled("is_complete"),
        OneOf("function", ("standards", "tools", "people", "execution", "strategy", "maturity", "overall")),
        OneOf("status", ("ok", "insufficient_evidence")),
        Between("level", minimum=1, maximum=5),
        Between("mean_level", minimum=1, maximum=5),
        Between("gap_to_next", minimum=0),
        Between("evidence_coverage_pct", minimum=0, maximum=100),
        NoRows(
            "no_level_without_evidence",
            "select function, month, level, evidence_coverage_pct, status, reason from {batch}"
            " where (level is null) <> (status = 'insufficient_evidence') or (level is null and reason is null)"
            " or (function <> 'overall' and level is not null and coalesce(evidence_coverage_pct, 0) < 60)",
            "a level that rests on too few projects, or a missing one that does not say why",
        ),
        NoRows(
            "overall_is_the_least_function",
            """
            select o.month, o.level, f.least, o.is_complete, f.missing
            from {batch} as o
            inner join (
                select month, min(level) as least, count(*) - count(level) as missing
                from {batch}
                where function <> 'overall'
                group by month
            ) as f on f.month = o.month
            where o.function = 'overall' and (o.level is distinct from f.least or o.is_complete <> (f.missing = 0))
            """,
            "the overall level is not that of the weakest function, or hides that one has none",
        ),
        NoRows(
            "limits_are_those_of_the_limiting_function",
            """
            select o.month, o.limiting_function, o.limiting_indicator, f.limiting_indicator as function_indicator
            from {batch} as o
            left join {batch} as f on f.month = o.month and f.function = o.limiting_function
            where o.function = 'overall' and o.level is not null
                and (f.level is distinct from o.level or f.limiting_indicator is distinct from o.limiting_indicator
                    or f.gap_to_next is distinct from o.gap_to_next)
            """,
            "what limits the whole is not what limits its weakest function",
        ),
    ),
)
