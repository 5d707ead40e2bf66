-- One row per scope that holds projects (portfolio, program, organization) and reporting month: its risks, changes, alignment and
-- benefits, money in the reporting currency. Ratios are ratios of sums over the open projects that know both operands. Benefits come after
-- a project, so those of all its projects count. Definitions: metrics, catalogue 44, 46, 47, 59, 60.
with scopes as (

    select 'portfolio' as scope_type, portfolio_id as scope_id from {{ ref('portfolios') }}
    union all
    select 'program' as scope_type, program_id as scope_id from {{ ref('programs') }}
    union all
    select distinct 'organization' as scope_type, 'organization' as scope_id from {{ ref('projects') }}

),

-- What nobody delivered (by then, where the register has dates) is unknown, not nothing.
registers as (

    select
        (select min(opened_date) from {{ ref('risk_facts') }})                              as first_risk,
        (select min(least(raised_date, decided_date)) from {{ ref('change_requests') }})    as first_change,
        (select count(*) from {{ ref('project_objectives') }})                              as links,
        (select min(coalesce(valid_from, date '0001-01-01')) from {{ ref('objectives') }})  as first_objective,
        (select count(*) from {{ ref('benefit_facts') }})                                   as benefits

),

project_sums as (

    select
        scope_type,
        scope_id,
        month,
        count(*)                                                                            as open_projects,

        sum(open_risks)                                                                     as open_risks,
        sum(exposure)                                                                       as risk_exposure,
        count(exposure)                                                                     as risk_n,
        sum(responses_due)                                                                  as responses_due,
        sum(overdue_responses)                                                              as overdue_responses,

        sum(approved_change_abs) filter (where initial_bac is not null)                     as approved_change_abs,
        sum(initial_bac)                                                                    as initial_bac,
        count(initial_bac)                                                                  as change_n,

        sum(bac)                                                                            as bac,
        count(bac)                                                                          as bac_n,
        sum(aligned_bac)                                                                    as aligned_bac,
        coalesce(sum(bac) filter (where not is_linked), 0)                                  as unlinked_bac
    from {{ ref('scope_project_months') }}
    where is_counted and scope_type <> 'project'
    group by scope_type, scope_id, month

),

due_benefits as (

    select
        projects.scope_type,
        projects.scope_id,
        projects.month,
        benefits.currency is not null                                                       as is_money,
        case when benefits.currency is null then benefits.comparable_unit else {{ reporting_currency() }} end as unit,
        {{ convert_amount('benefits.planned', 'case when benefits.currency is null then 1 else fx.rate end') }} as planned,
        {{ convert_amount('benefits.actual', 'case when benefits.currency is null then 1 else fx.rate end') }} as actual,
        benefits.currency is null or fx.rate is not null                                    as is_priced,
        coalesce(benefits.known_on <= projects.as_of_date, false)                           as is_measured,
        coalesce(
            benefits.known_on <= projects.as_of_date and {{ percentage('benefits.actual', 'benefits.planned') }} >= tolerance.green,
            false
        )                                                                                   as is_on_track
    from {{ ref('scope_project_months') }} as projects
    inner join {{ ref('benefit_facts') }} as benefits
        on projects.project_id = benefits.project_id
        and benefits.due_date <= projects.as_of_date
        -- what promises nothing has no share of it
        and benefits.planned <> 0
    cross join (
        select coalesce(max(green), 100) as green from {{ ref('effective_tolerances') }} where metric_id = 'benefits_realization'
    ) as tolerance
    left join {{ ref('fx_daily') }} as fx
        on projects.as_of_date = fx.rate_date
        and benefits.currency = fx.from_currency
        and fx.to_currency = {{ reporting_currency() }}
    where projects.scope_type <> 'project'

),

benefit_counts as (

    select
        scope_type,
        scope_id,
        month,
        count(*)                                                                            as benefits_due,
        count(*) filter (where is_on_track)                                                 as benefits_on_track,
        count(*) filter (where is_measured)                                                 as benefits_measured,
        count(*) filter (where is_measured and is_priced)                                   as benefits_comparable,
        -- Sums hold one unit only: money where there is any, else the only other unit.
        coalesce(
            max(case when is_money then unit end) filter (where is_measured and is_priced),
            case
                when count(distinct unit) filter (where is_measured and not is_money) = 1
                    then max(unit) filter (where is_measured and not is_money)
            end
        )                                                                                   as benefits_unit
    from due_benefits
    group by scope_type, scope_id, month

),

benefit_sums as (

    select
        counts.scope_type,
        counts.scope_id,
        counts.month,
        sum(benefits.planned)                                                               as benefits_planned,
        sum(benefits.actual)                                                                as benefits_actual,
        count(*)                                                                            as benefits_n
    from benefit_counts as counts
    inner join due_benefits as benefits
        on counts.scope_type = benefits.scope_type
        and counts.scope_id = benefits.scope_id
        and counts.month = benefits.month
        and counts.benefits_unit = benefits.unit
    where benefits.is_measured and benefits.is_priced
    group by counts.scope_type, counts.scope_id, counts.month

),

filled as (

    select
        scopes.scope_type,
        scopes.scope_id,
        months.month,
        months.as_of_date,
        months.is_latest,
        {{ reporting_currency() }}                                                          as currency,
        coalesce(registers.first_risk <= months.as_of_date, false)                          as has_risks,
        coalesce(registers.first_change <= months.as_of_date, false)                        as has_changes,
        coalesce(registers.links > 0 and registers.first_objective <= months.as_of_date, false) as has_objectives,
        registers.benefits > 0                                                              as has_benefits,
        coalesce(sums.open_projects, 0)                                                     as open_projects,
        sums.open_risks,
        sums.risk_exposure,
        coalesce(sums.risk_n, 0)                                                            as risk_n,
        coalesce(sums.responses_due, 0)                                                     as responses_due,
        coalesce(sums.overdue_responses, 0)                                                 as overdue_responses,
        sums.approved_change_abs,
        sums.initial_bac,
        coalesce(sums.change_n, 0)                                                          as change_n,
        sums.bac,
        coalesce(sums.bac_n, 0)                                                             as bac_n,
        sums.aligned_bac,
        case when sums.bac is not null then sums.unlinked_bac end                           as unlinked_bac,
        coalesce(counts.benefits_due, 0)                                                    as benefits_due,
        coalesce(counts.benefits_measured, 0)                                               as benefits_measured,
        coalesce(counts.benefits_comparable, 0)                                             as benefits_comparable,
        coalesce(counts.benefits_on_track, 0)                                               as benefits_on_track,
        counts.benefits_unit,
        benefits.benefits_planned,
        benefits.benefits_actual,
        coalesce(benefits.benefits_n, 0)                                                    as benefits_n
    from scopes
    cross join {{ ref('reporting_months') }} as months
    cross join registers
    left join project_sums as sums
        on scopes.scope_type = sums.scope_type
        and scopes.scope_id = sums.scope_id
        and months.month = sums.month
    left join benefit_counts as counts
        on scopes.scope_type = counts.scope_type
        and scopes.scope_id = counts.scope_id
        and months.month = counts.month
    left join benefit_sums as benefits
        on scopes.scope_type = benefits.scope_type
        and scopes.scope_id = benefits.scope_id
        and months.month = benefits.month

)

select
    *,
    {{ percentage('approved_change_abs', 'initial_bac') }}                                  as scope_change_rate,
    case when has_risks then {{ percentage('overdue_responses', 'responses_due') }} end     as overdue_risk_responses_pct,
    case when has_objectives then {{ ratio('aligned_bac', 'bac') }} end                     as alignment_score,
    case when has_objectives then {{ percentage('unlinked_bac', 'bac') }} end               as budget_unlinked_pct,
    {{ percentage('benefits_actual', 'benefits_planned') }}                                 as benefits_realization_pct,
    {{ percentage('benefits_on_track', 'benefits_due') }}                                   as benefits_on_track_pct
from filled
