-- One row per project and day with a ledger line or a timesheet entry: what the day added to actual cost (AC). Definitions: metrics, section 1.
-- A day with has_feed and ac_delta = 0 is known to have cost nothing; a project without any such day has no known cost.
with movements as (

    select
        project_id,
        posting_date                                   as cost_date,
        case when exclusion_reason is null then amount else 0 end as ledger_cost,
        0                                              as labor_cost,
        1                                              as ledger_lines,
        0                                              as timesheet_hours
    from {{ ref('ledger_costs') }}

    union all

    select
        project_id,
        work_date                                      as cost_date,
        0                                              as ledger_cost,
        case when exclusion_reason is null then cost else 0 end as labor_cost,
        0                                              as ledger_lines,
        hours                                          as timesheet_hours
    from {{ ref('labor_costs') }}

),

days as (

    select
        project_id,
        cost_date,
        sum(ledger_cost)                               as ledger_cost,
        sum(labor_cost)                                as labor_cost,
        sum(ledger_lines)                              as ledger_lines,
        sum(timesheet_hours)                           as timesheet_hours
    from movements
    where project_id is not null
    group by project_id, cost_date

)

select
    project_id,
    cost_date,
    cast(ledger_cost as decimal(28, 6))                as ledger_cost,
    cast(labor_cost as decimal(28, 6))                 as labor_cost,
    cast(ledger_cost + labor_cost as decimal(28, 6))   as ac_delta,
    cast(ledger_lines as bigint)                       as ledger_lines,
    cast(timesheet_hours as decimal(28, 9))            as timesheet_hours,
    ledger_lines > 0 or timesheet_hours > 0            as has_feed
from days
