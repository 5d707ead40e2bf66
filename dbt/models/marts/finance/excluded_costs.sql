-- One row per source, project, feed and reason: what is left out of actual cost up to as_of, and why. Hours for timesheets, money for the ledger.
with excluded as (

    select
        source,
        project_id,
        'timesheets'                                   as feed,
        exclusion_reason,
        work_date                                      as cost_date,
        hours,
        cast(null as decimal(28, 6))                   as amount,
        cast(null as varchar)                          as currency
    from {{ ref('labor_costs') }}
    where exclusion_reason is not null

    union all

    select
        source,
        project_id,
        'ledger'                                       as feed,
        exclusion_reason,
        posting_date                                   as cost_date,
        cast(null as decimal(18, 9))                   as hours,
        amount_original                                as amount,
        currency_original                              as currency
    from {{ ref('ledger_costs') }}
    where exclusion_reason is not null

)

select
    excluded.source,
    excluded.project_id,
    excluded.feed,
    excluded.exclusion_reason,
    excluded.currency,
    count(*)                                           as row_count,
    cast(sum(excluded.hours) as decimal(28, 9))        as hours,
    cast(sum(excluded.amount) as decimal(28, 6))       as amount,
    min(excluded.cost_date)                            as first_date,
    max(excluded.cost_date)                            as last_date
from excluded
cross join {{ ref('organization') }} as organization
where excluded.cost_date <= organization.as_of_date
group by excluded.source, excluded.project_id, excluded.feed, excluded.exclusion_reason, excluded.currency
