"""Expectations of `cost_summary`: every amount of the ledger and every labor cost counted once, to the cent."""

from __future__ import annotations

from expectations.vocabulary import Between, Filled, NoRows, NotEmptied, RowCount, Suite

_JOIN_ADVICE = "Look at the join that loses or doubles these amounts; nothing in the delivered data causes this."

SUITE = Suite(
    "cost_summary",
    (
        NotEmptied(),
        RowCount(),
        Filled("currency"),
        Between("budget", minimum=0),
        NoRows(
            "month_is_a_first",
            "select project_id, month, category from {batch} where day(month) != 1",
            "a month that does not start on its first day",
        ),
        NoRows(
            "money_reconciles_with_ledger",
            """
            select project_id, m.amount as ledger_amount, p.amount as published_amount
            from (
                select l.project_id, sum(l.amount) as amount
                from marts.ledger_costs as l
                cross join core.organization as o
                where l.posting_date <= o.as_of_date and l.currency is not null
                group by l.project_id
            ) as m
            full join (
                select project_id, sum(coalesce(actual, 0) + coalesce(commitment, 0) + coalesce(accrual, 0)) as amount
                from {batch}
                group by project_id
            ) as p using (project_id)
            where coalesce(m.amount, 0) != coalesce(p.amount, 0)
            """,
            "actual, commitment and accrual are not the sum of the project's ledger lines",
            advice=_JOIN_ADVICE,
        ),
        NoRows(
            "money_reconciles_with_labor",
            """
            select project_id, m.cost as labor_cost, p.cost as published_cost
            from (
                select l.project_id, sum(l.cost) as cost
                from marts.labor_costs as l
                cross join core.organization as o
                where l.work_date <= o.as_of_date and l.exclusion_reason is null
                group by l.project_id
            ) as m
            full join (select project_id, sum(labor_from_timesheets) as cost from {batch} group by project_id) as p using (project_id)
            where coalesce(m.cost, 0) != coalesce(p.cost, 0)
            """,
            "labor_from_timesheets is not the sum of hours x rate",
            advice=_JOIN_ADVICE,
        ),
        NoRows(
            "ledger_reconciles_with_core",
            """
            select source, currency, c.lines as lines_in_core, m.lines as lines_in_marts, c.amount as core_amount, m.amount as marts_amount
            from (select source, currency, count(*) as lines, sum(amount) as amount from core.cost_transactions group by all) as c
            full join (
                select source, currency_original as currency, count(*) as lines, sum(amount_original) as amount
                from marts.ledger_costs
                group by all
            ) as m using (source, currency)
            where c.lines is distinct from m.lines or c.amount is distinct from m.amount
            """,
            "ledger lines are lost or doubled between core and marts, in the currency they were posted in",
            advice=_JOIN_ADVICE,
        ),
        NoRows(
            "ledger_reconciles_with_landing",
            """
            select source, currency, l.amount as amount_landed, c.amount as amount_in_core
            from (
                select _connection as source, upper(currency) as currency, sum(try_cast(amount as decimal(28, 6))) as amount
                from (
                    select _connection, _deleted, currency, amount
                    from landing.cost_transactions
                    where _load_id not in (
                        -- A list of commitments counts until the next one.
                        select load_id
                        from landing.loads
                        where stream = 'cost_transactions' and snapshot_date is not null
                        qualify snapshot_date::date > (select as_of_date from core.organization)
                            or row_number() over (
                                partition by connection, snapshot_date::date <= (select as_of_date from core.organization)
                                order by snapshot_date desc, delivery desc
                            ) > 1
                    )
                    qualify row_number() over (partition by _connection, transaction_id order by _delivery desc, _line desc) = 1
                )
                where not coalesce(_deleted, false)
                group by all
                union all
                select source, upper(currency), total from core.landed_totals where entity = 'cost_transactions'
            ) as l
            full join (
                select source, currency, sum(amount) as amount
                from core.cost_transactions
                -- What a system has left of its orders is a sum of no records.
                where source not in (select _connection from landing.api_records)
                    or (kind <> 'commitment' and source in (select source from core.landed_totals))
                group by all
            ) as c using (source, currency)
            where coalesce(l.amount, 0) != coalesce(c.amount, 0)
            """,
            "money that was landed and not quarantined is not all in core",
            advice="Look at staging and core of cost_transactions; nothing in the delivered data causes this.",
        ),
    ),
)
