-- One row per scope, month and project of the scope: in which measures of the scope the project counts, and what its money is multiplied with. For the
-- project itself that is 1. For a portfolio, a program and the organization it is the rate of the day, as it comes out of the rounded amounts that
-- were added up.
with converted as (

    select
        standing.*,
        positions.baseline_version,
        evm.is_finished,
        evm.es_days,
        evm.at_days,
        evm.pd_days,
        {{ convert_amount('standing.bac', 'standing.reporting_rate') }} as bac_rc,
        {{ convert_amount('standing.pv', 'standing.reporting_rate') }}  as pv_rc,
        {{ convert_amount('standing.ev', 'standing.reporting_rate') }}  as ev_rc,
        {{ convert_amount('standing.ac', 'standing.reporting_rate') }}  as ac_rc,
        {{ convert_amount('standing.eac', 'standing.reporting_rate') }} as eac_rc
    from {{ ref('project_standing') }} as standing
    inner join {{ ref('int_project_evm') }} as positions
        on standing.project_id = positions.project_id
        and standing.month = positions.month
    left join {{ ref('earned_value') }} as evm
        on standing.project_id = evm.project_id
        and standing.as_of_date = evm.status_date
        and positions.baseline_version = evm.baseline_version

),

scoped as (

    select 'project' as scope_type, project_id as scope_id, * from converted
    union all
    select 'portfolio' as scope_type, portfolio_id as scope_id, * from converted where portfolio_id is not null
    union all
    select 'program' as scope_type, program_id as scope_id, * from converted where program_id is not null
    union all
    select 'organization' as scope_type, 'organization' as scope_id, * from converted

)

select
    scope_type,
    scope_id,
    as_of_date,
    project_id,
    name,
    baseline_version,
    case when scope_type = 'project' then currency else {{ reporting_currency() }} end as currency,

    -- where it counts; NULL in the last four: neither in numerator nor in denominator
    scope_type = 'project' or (is_open and ev_rc is not null and ac_rc is not null)    as counts_in_cpi,
    scope_type = 'project' or (is_open and ev_rc is not null and pv_rc is not null)    as counts_in_spi,
    scope_type = 'project' or (is_open and eac_rc is not null)                         as counts_in_eac,
    case when is_closed_12m then is_on_time end                         as is_on_time,
    case when is_closed_12m then is_on_budget end                       as is_on_budget,
    case when status = 'active' then is_late end                        as is_late,
    case when is_open then watermelon end                               as is_watermelon,

    -- factors: of amounts so small that rounding shows in the quotient, the rate itself
    {% for amount in ['bac', 'pv', 'ev', 'ac', 'eac'] -%}
    case
        when scope_type = 'project' then 1
        when abs({{ ratio(amount ~ '_rc', amount) }} - reporting_rate) < 0.000001 * reporting_rate then {{ ratio(amount ~ '_rc', amount) }}
        else cast(reporting_rate as double)
    end                                                                 as {{ amount }}_factor,
    {% endfor -%}
    -- what a unit of the budget that is not yet earned is expected to cost: EAC = AC + (BAC - EV) / CPI
    case when is_finished then 0 else coalesce({{ ratio('eac - ac', 'bac - ev') }}, 0) end                  as rest_factor,

    -- time
    es_days,
    at_days,
    pd_days,
    baseline_finish,
    forecast_finish
from scoped
