-- One row per maturity indicator and reporting month: its value, and how many of the projects in scope it can speak for. Which indicators
-- there are is said by the thresholds; an indicator is a metric by its id, unless it stands here. Definitions: metrics, section 4.
--
-- An indicator that is asked about at the highest level only (documents reviewed, certified managers, ...) is a condition of that level,
-- and no evidence of its own.
with indicators as (

    select
        thresholds."function",
        thresholds.indicator,
        min(thresholds."level") > 2                    as is_condition,
        -- whom the indicator is about
        case
            when thresholds.indicator in ('lessons_learned_rate', 'forecast_accuracy') then 'closed_12m'
            when thresholds.indicator in ('benefits_measured', 'benefits_realization') then 'closed_year_ago'
            when thresholds.indicator = 'budget_linked' then 'open'
            else 'active'
        end                                            as population,
        -- Whose data say something: each project that the metric counted, each that its register knows, or, where a delivered register
        -- speaks of all (a project that it does not name has no lesson), everybody.
        case
            when thresholds.indicator in ('forecast_accuracy', 'budget_linked') then 'counted'
            when thresholds.indicator in ('stage_gate_compliance', 'status_report_timeliness', 'pm_training_coverage') then 'known'
            else 'all'
        end                                            as speaks_for
    from {{ ref('effective_maturity_thresholds') }} as thresholds
    group by thresholds."function", thresholds.indicator

),

project_evidence as (

    select
        months.month,
        months.project_id,
        months.is_active,
        months.is_open,
        months.is_closed_12m,
        -- A benefit is measured a year after the close: the year of those whose first anniversary has passed.
        coalesce(
            months.is_closed
            and months.closed_on <= cast(months.as_of_date - interval 12 month as date)
            and months.closed_on > cast(months.as_of_date - interval 24 month as date),
            false
        )                                              as is_closed_year_ago,
        months.manager_id is not null                  as has_manager,
        gates.project_id is not null                   as has_gates,
        coalesce(reports.first_due <= months.as_of_date, false) as has_reports,
        coalesce(benefits.first_measured <= months.as_of_date, false) as has_measured_benefits
    from {{ ref('project_months') }} as months
    left join (select distinct project_id from {{ ref('stage_gates') }}) as gates on months.project_id = gates.project_id
    left join (
        select project_id, min(due_date) as first_due from {{ ref('status_reports') }} group by project_id
    ) as reports on months.project_id = reports.project_id
    left join (
        select project_id, min(known_on) as first_measured from {{ ref('benefit_facts') }} group by project_id
    ) as benefits on months.project_id = benefits.project_id

),

populations as (

    select
        months.month,
        months.as_of_date,
        count(*) filter (where projects.is_active)                               as active,
        count(*) filter (where projects.is_open)                                 as opened,
        count(*) filter (where projects.is_closed_12m)                           as closed_12m,
        count(*) filter (where projects.is_closed_year_ago)                      as closed_year_ago,
        count(*) filter (where projects.is_closed_year_ago and projects.has_measured_benefits) as closed_year_ago_measured,
        count(*) filter (where projects.is_active and projects.has_manager)      as active_with_manager,
        count(*) filter (where projects.is_active and projects.has_gates)        as active_with_gates,
        count(*) filter (where projects.is_active and projects.has_reports)      as active_with_reports
    from {{ ref('reporting_months') }} as months
    left join project_evidence as projects on months.month = projects.month
    group by months.month, months.as_of_date

),

measures as (

    select metric_id as indicator, month, value, numerator, denominator, n, unit, direction, reason
    from {{ ref('organization_measures') }}
    where metric_id <> 'dq_pass_rate'

    union all

    -- The numbers of every month are made anew from the rows that are there now, so the quality of these rows is that of every month.
    select
        measured.metric_id,
        months.month,
        measured.value,
        measured.numerator,
        measured.denominator,
        measured.n,
        measured.unit,
        measured.direction,
        measured.reason
    from {{ ref('organization_measures') }} as measured
    inner join {{ ref('reporting_months') }} as latest on measured.month = latest.month and latest.is_latest
    cross join {{ ref('reporting_months') }} as months
    where measured.metric_id = 'dq_pass_rate'

    -- The two indicators that are no metric of the catalogue by themselves follow.
    union all

    select
        'budget_linked',
        month,
        100 - value,
        denominator - numerator,
        denominator,
        n,
        unit,
        'up',
        reason
    from {{ ref('organization_measures') }}
    where metric_id = 'budget_unlinked'

    union all

    select
        'benefits_measured',
        month,
        {{ percentage('closed_year_ago_measured', 'closed_year_ago') }},
        cast(closed_year_ago_measured as decimal(38, 9)),
        cast(closed_year_ago as decimal(38, 9)),
        closed_year_ago,
        '%',
        'up',
        case when closed_year_ago = 0 then 'no_due_items' end
    from populations
    -- A year in which nobody measured anything is 0 %; a register that nobody delivers says nothing.
    where exists (select 1 from {{ ref('benefit_facts') }})

),

valued as (

    select
        indicators."function",
        indicators.indicator,
        populations.month,
        populations.as_of_date,
        indicators.is_condition,
        measures.value,
        measures.numerator,
        measures.denominator,
        measures.n,
        coalesce(measures.unit, '%')                   as unit,
        coalesce(measures.direction, 'up')             as direction,
        case
            when measures.indicator is null then 'not_delivered'
            when measures.value is null then coalesce(measures.reason, 'no_due_items')
        end                                            as missing_reason,
        case indicators.population
            when 'active' then populations.active
            when 'open' then populations.opened
            when 'closed_12m' then populations.closed_12m
            when 'closed_year_ago' then populations.closed_year_ago
        end                                            as projects_in_scope,
        case indicators.indicator
            when 'stage_gate_compliance' then populations.active_with_gates
            when 'status_report_timeliness' then populations.active_with_reports
            when 'pm_training_coverage' then populations.active_with_manager
        end                                            as projects_known,
        indicators.speaks_for
    from indicators
    cross join populations
    left join measures
        on indicators.indicator = measures.indicator
        and populations.month = measures.month

),

weighed as (

    select
        * exclude (projects_known, speaks_for),
        case
            when value is null then 0
            when speaks_for = 'all' then projects_in_scope
            when speaks_for = 'counted' then least(n, projects_in_scope)
            when speaks_for = 'known' then projects_known
        end                                            as projects_usable
    from valued

)

select
    "function",
    indicator,
    month,
    as_of_date,
    is_condition,
    value,
    numerator,
    denominator,
    n,
    unit,
    direction,
    projects_usable,
    projects_in_scope,
    -- in whole numbers, so that 60 % is enough
    value is not null and 100 * projects_usable >= {{ enough_evidence_pct() }} * projects_in_scope as has_evidence,
    case
        when missing_reason = 'not_delivered' then 'insufficient_evidence'
        when value is null then 'undefined'
        when 100 * projects_usable < {{ enough_evidence_pct() }} * projects_in_scope then 'insufficient_evidence'
        else 'ok'
    end                                                as status,
    case
        when value is null then missing_reason
        when 100 * projects_usable < {{ enough_evidence_pct() }} * projects_in_scope then 'low_coverage'
    end                                                as reason
from weighed
