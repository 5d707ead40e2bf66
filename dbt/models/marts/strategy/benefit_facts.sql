-- One row per benefit of a known project: what was promised and what has come of it, in the benefit's own unit, and how that stands at the
-- as-of day.
with currencies as (

    select from_currency as currency from {{ ref('fx_rates') }}
    union
    select to_currency from {{ ref('fx_rates') }}
    union
    select currency from {{ ref('projects') }}
    union
    select reporting_currency from {{ ref('organization') }}

),

measured as (

    select
        benefits.benefit_id,
        benefits.project_id,
        benefits.name,
        benefits.unit,
        -- Money is one unit, whatever its currency; any other unit is itself.
        currencies.currency,
        coalesce(currencies.currency, lower(benefits.unit))                                 as comparable_unit,
        benefits.due_date,
        benefits.planned,
        benefits.actual,
        -- An actual that nobody dated is known once the benefit is due.
        case when benefits.actual is not null then coalesce(benefits.measured_date, benefits.due_date) end as known_on,
        benefits.due_date <= {{ as_of_date() }}                                             as is_due,
        case
            when coalesce(benefits.measured_date <= {{ as_of_date() }}, true) then benefits.actual
        end                                                                                 as actual_by_now
    from {{ ref('benefits') }} as benefits
    inner join {{ ref('projects') }} as projects on benefits.project_id = projects.project_id
    left join currencies on upper(benefits.unit) = currencies.currency

)

select
    *,
    case when is_due then {{ percentage('actual_by_now', 'planned') }} end                  as realization_pct,
    case
        when not is_due then 'not_due'
        when actual_by_now is null then 'no_actuals'
        when planned = 0 then 'no_planned_value'
    end                                                                                     as reason
from measured
