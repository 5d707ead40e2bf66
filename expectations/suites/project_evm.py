"""Expectations of `project_evm`: money and shares in range, and no number that contradicts another."""

from __future__ import annotations

from expectations.vocabulary import Between, Filled, NoRows, NotEmptied, OneOf, RowCount, Suite
from reports.verdicts import Severity

SUITE = Suite(
    "project_evm",
    (
        NotEmptied(),
        RowCount(),
        Filled("status"),
        OneOf("status", ("ok", "immature", "undefined", "insufficient_evidence", "not_applicable")),
        Between("baseline_version", minimum=0),
        Between("pv", minimum=0),
        Between("percent_complete", 0, 100, advice="Earned value above the budget: look at percent_complete and weight of the tasks."),
        Between("loe_share", 0, 1),
        Between("p_factor", 0, 1.000000001),
        Between(
            "cpi", 0, 10, Severity.WARN, advice="An index this high is mostly cost that is not booked yet, or a budget in another unit."
        ),
        Between("spi_t", 0, 10, Severity.WARN),
        NoRows(
            "pv_at_most_bac",
            "select project_id, status_date, baseline_version, pv, bac from {batch} where pv > bac",
            "more is planned than the budget at completion",
        ),
        NoRows(
            "undefined_has_a_reason",
            "select project_id, status_date, baseline_version, status from {batch} where status = 'undefined' and reason is null",
            "a number is missing and nobody is told why",
        ),
        NoRows(
            "variances_are_differences",
            "select project_id, status_date, baseline_version, sv, cv from {batch} "
            "where abs(sv - (ev - pv)) >= 0.005 or abs(cv - (ev - ac)) >= 0.005",
            "SV is not EV - PV, or CV is not EV - AC, to the cent",
        ),
        NoRows(
            "work_has_cost",
            "select project_id, status_date, baseline_version, ev, ac from {batch} where ev > 0 and ac = 0",
            "work was earned at no cost (BCWP without ACWP)",
            Severity.WARN,
            "Look for hours and ledger lines that are booked to no project, or late.",
        ),
        NoRows(
            "estimate_covers_cost",
            "select project_id, status_date, baseline_version, eac_cpi, ac from {batch} where eac_cpi < ac and status = 'ok'",
            "the estimate at completion is under what is spent already",
            Severity.WARN,
        ),
        NoRows(
            "money_ac_reconciles_with_costs",
            """
            select e.project_id, e.baseline_version, e.ac, c.cost
            from {batch} as e
            inner join core.organization as o on e.status_date = o.as_of_date
            left join (
                select d.project_id, sum(d.ac_delta) as cost
                from marts.actual_costs_daily as d
                cross join core.organization as o2
                where d.cost_date <= o2.as_of_date and d.has_feed
                group by d.project_id
            ) as c on c.project_id = e.project_id
            where e.ac is not null and e.ac is distinct from c.cost
            """,
            "AC at the status date is not the sum of the project's ledger and labor cost, to the cent",
        ),
    ),
)
