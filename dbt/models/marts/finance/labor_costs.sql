-- One row per timesheet entry: hours × the rate of the day in the project's currency, or the reason why the hours are no cost.
with entries as (

    select
        entries.source,
        entries.entry_id,
        entries.project_id,
        entries.source_user_id,
        entries.person_id,
        entries.work_date,
        entries.hours,
        projects.project_id is not null                as has_project,
        projects.labor_cost_source,
        projects.currency
    from {{ ref('timesheet_entries') }} as entries
    left join {{ ref('projects') }} as projects
        on entries.project_id = projects.project_id

),

rated as (

    select
        entries.*,
        labor_rates.rate,
        labor_rates.rate_currency,
        case
            when labor_rates.rate_currency = entries.currency then 1
            else fx_daily.rate
        end                                            as fx_rate
    from entries
    left join {{ ref('labor_rates') }} as labor_rates
        on entries.person_id = labor_rates.person_id
        and entries.work_date = labor_rates.work_date
    left join {{ ref('fx_daily') }} as fx_daily
        on entries.work_date = fx_daily.rate_date
        and labor_rates.rate_currency = fx_daily.from_currency
        and entries.currency = fx_daily.to_currency

),

reasoned as (

    select
        *,
        case
            when not has_project               then 'no_project'
            when labor_cost_source = 'ledger'  then 'labor_from_ledger'
            when person_id is null             then 'no_person'
            when rate is null                  then 'no_rate'
            when fx_rate is null               then 'no_fx_rate'
        end                                            as exclusion_reason
    from rated

)

select
    -- key
    source,
    entry_id,

    -- who, on what, when
    project_id,
    source_user_id,
    person_id,
    work_date,

    -- how much
    hours,
    rate,
    rate_currency,
    fx_rate,
    currency,
    case
        when exclusion_reason is null then
            {{ convert_amount('cast(hours as double) * cast(rate as double)', 'fx_rate') }}
    end                                                as cost,
    exclusion_reason
from reasoned
