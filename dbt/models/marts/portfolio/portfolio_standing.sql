-- One row per scope that holds projects (portfolio, program, organization) and reporting month. Money in the reporting currency, converted with the
-- rate of the month's day. Sums hold approved, active and on-hold projects of the scope itself; ratios are ratios of sums over the projects whose
-- operands are both known, and their n says how many those are. Definitions: metrics, sections 3 and 6.
with in_reporting_currency as (

    select
        *,
        {{ convert_amount('bac', 'reporting_rate') }}                   as bac_rc,
        {{ convert_amount('pv', 'reporting_rate') }}                    as pv_rc,
        {{ convert_amount('ev', 'reporting_rate') }}                    as ev_rc,
        {{ convert_amount('ac', 'reporting_rate') }}                    as ac_rc,
        {{ convert_amount('eac', 'reporting_rate') }}                   as eac_rc,
        {{ convert_amount('contingency', 'reporting_rate') }}           as contingency_rc
    from {{ ref('project_standing') }}

),

scoped as (

    select 'portfolio' as scope_type, portfolio_id as scope_id, * from in_reporting_currency where portfolio_id is not null
    union all
    select 'program' as scope_type, program_id as scope_id, * from in_reporting_currency where program_id is not null
    union all
    select 'organization' as scope_type, 'organization' as scope_id, * from in_reporting_currency

),

scopes as (

    select 'portfolio' as scope_type, portfolio_id as scope_id, name from {{ ref('portfolios') }}
    union all
    select 'program' as scope_type, program_id as scope_id, name from {{ ref('programs') }}
    union all
    -- an organization of which nobody delivered a project has nothing to say
    select distinct 'organization' as scope_type, 'organization' as scope_id, 'Organization' as name from {{ ref('project_standing') }}

),

scope_months as (

    select scopes.*, months.month, months.as_of_date, months.is_latest
    from scopes
    cross join {{ ref('reporting_months') }} as months

),

sums as (

    select
        scope_type,
        scope_id,
        month,
        count(*) filter (where status = 'active')                                           as projects_active,
        count(*) filter (where is_open and rag in ('amber', 'red'))                         as projects_at_risk,
        count(*) filter (where is_closed_12m)                                               as projects_closed_12m,
        sum(bac_rc) filter (where is_open)                                                  as bac,
        sum(pv_rc) filter (where is_open)                                                   as pv,
        sum(ev_rc) filter (where is_open)                                                   as ev,
        sum(ac_rc) filter (where is_open)                                                   as ac,
        sum(eac_rc) filter (where is_open)                                                  as eac,
        sum(contingency_rc) filter (where is_open)                                          as contingency,

        sum(ev_rc) filter (where is_open and ac_rc is not null)                             as cpi_numerator,
        sum(ac_rc) filter (where is_open and ev_rc is not null)                             as cpi_denominator,
        count(*) filter (where is_open and ev_rc is not null and ac_rc is not null)         as cpi_n,
        count(*) filter (where is_open and (ev_rc is null) <> (ac_rc is null))              as cpi_left_out,
        sum(ev_rc) filter (where is_open and pv_rc is not null)                             as spi_numerator,
        sum(pv_rc) filter (where is_open and ev_rc is not null)                             as spi_denominator,
        count(*) filter (where is_open and ev_rc is not null and pv_rc is not null)         as spi_n,
        sum(bac_rc - eac_rc) filter (where is_open)                                         as vac_numerator,
        sum(bac_rc) filter (where is_open and eac_rc is not null)                           as vac_denominator,
        count(*) filter (where is_open and eac_rc is not null and bac_rc is not null)       as vac_n,

        count(*) filter (where is_closed_12m and is_on_time)                                as on_time_numerator,
        count(*) filter (where is_closed_12m and is_on_time is not null)                    as on_time_n,
        count(*) filter (where is_closed_12m and is_on_budget)                              as on_budget_numerator,
        count(*) filter (where is_closed_12m and is_on_budget is not null)                  as on_budget_n,
        count(*) filter (where status = 'active' and is_late)                               as late_numerator,
        count(*) filter (where status = 'active' and is_late is not null)                   as late_n,
        count(*) filter (where is_open and watermelon)                                      as watermelon_numerator,
        count(*) filter (where is_open and watermelon is not null)                          as watermelon_n
    from scoped
    group by scope_type, scope_id, month

),

-- Utilization of a scope: of the people who booked time on its projects in the last four whole weeks, all their hours of those weeks.
booked as (

    select distinct scoped.scope_type, scoped.scope_id, weeks.person_id, weeks.week_start
    from {{ ref('timesheet_weeks') }} as weeks
    inner join scoped on weeks.project_id = scoped.project_id and scoped.is_latest
    where weeks.week_start + 6 <= {{ as_of_date() }} and weeks.week_start + 34 > {{ as_of_date() }}

),

utilization as (

    select
        booked.scope_type,
        booked.scope_id,
        sum(person_weeks.productive_hours)                              as productive_hours,
        sum(person_weeks.capacity_hours)                                as capacity_hours,
        count(distinct person_weeks.person_id)                          as people
    from booked
    inner join {{ ref('person_weeks') }} as person_weeks
        on booked.person_id = person_weeks.person_id
        and booked.week_start = person_weeks.week_start
    group by booked.scope_type, booked.scope_id

),

indices as (

    select
        scopes.scope_type,
        scopes.scope_id,
        scopes.name,
        scopes.month,
        scopes.as_of_date,
        scopes.is_latest,
        coalesce(sums.projects_active, 0)                               as projects_active,
        coalesce(sums.projects_at_risk, 0)                              as projects_at_risk,
        coalesce(sums.projects_closed_12m, 0)                           as projects_closed_12m,
        sums.* exclude (scope_type, scope_id, month, projects_active, projects_at_risk, projects_closed_12m),
        {{ ratio('sums.cpi_numerator', 'sums.cpi_denominator') }}       as cpi,
        {{ ratio('sums.spi_numerator', 'sums.spi_denominator') }}       as spi,
        {{ percentage('sums.vac_numerator', 'sums.vac_denominator') }}  as vac_pct,
        {{ percentage('sums.on_time_numerator', 'sums.on_time_n') }}    as on_time_pct,
        {{ percentage('sums.on_budget_numerator', 'sums.on_budget_n') }} as on_budget_pct,
        {{ percentage('sums.late_numerator', 'sums.late_n') }}          as late_or_forecast_late_pct,
        {{ percentage('sums.watermelon_numerator', 'sums.watermelon_n') }} as rag_gap_pct,
        utilization.productive_hours,
        utilization.capacity_hours,
        utilization.people,
        {{ percentage('utilization.productive_hours', 'utilization.capacity_hours') }} as utilization_pct
    from scope_months as scopes
    left join sums
        on scopes.scope_type = sums.scope_type
        and scopes.scope_id = sums.scope_id
        and scopes.month = sums.month
    left join utilization
        on scopes.is_latest
        and scopes.scope_type = utilization.scope_type
        and scopes.scope_id = utilization.scope_id

),

rated as (

    select scope_type, scope_id, month, 'cpi' as metric_id, 'CPI' as label, cpi as value, false as is_lower_better from indices
    union all
    select scope_type, scope_id, month, 'vac_pct', 'variance at completion %', vac_pct, false from indices
    union all
    select scope_type, scope_id, month, 'late_or_forecast_late', 'late or forecast late %', late_or_forecast_late_pct, true from indices

),

ratings as (

    select
        rated.scope_type,
        rated.scope_id,
        rated.month,
        {{ worst_rag(rag('rated.value', 'tolerances.green', 'tolerances.amber', 'rated.is_lower_better')) }} as rag,
        {{ sorted_texts(
            rag_reason('rated.label', 'rated.value', 'tolerances.green', 'tolerances.amber', 'rated.is_lower_better'), 'rated.metric_id'
        ) }}                                                            as rag_reasons
    from rated
    inner join {{ ref('effective_tolerances') }} as tolerances on rated.metric_id = tolerances.metric_id
    group by rated.scope_type, rated.scope_id, rated.month

)

select
    indices.*,
    ratings.rag,
    coalesce(ratings.rag_reasons, cast([] as varchar[]))                as rag_reasons
from indices
left join ratings
    on indices.scope_type = ratings.scope_type
    and indices.scope_id = ratings.scope_id
    and indices.month = ratings.month
