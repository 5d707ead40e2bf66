-- The changes approved by the day of each value, by their absolute cost impact, and the first baselines that they are set against.
with projects as (

    select
        told.period_start,
        projects.*
    from reports.kpi_values as told
    inner join evidence.scope_strategy as projects
        on projects.scope_type = told.scope_type
        and projects.scope_id = told.scope_id
        and projects.as_of_date = told.as_of_date
        and projects.is_counted
        and projects.initial_bac is not null
    where told.metric_id = 'scope_change_rate'

)

select
    projects.scope_type,
    projects.scope_id,
    projects.period_start,
    projects.as_of_date,
    'numerator' as part,
    'change_requests' as entity,
    null as source,
    changes.change_id as record_key,
    null as url,
    projects.name || ': ' || coalesce(changes.title, changes.change_id) as label,
    changes.decided_date as day,
    cast(cast(abs(changes.cost_impact) as double) * cast(projects.rate as double) as decimal(28, 6)) as amount,
    projects.currency as unit
from projects
inner join evidence.register_changes as changes
    on changes.project_id = projects.project_id
    and changes.decision = 'approved'
    and changes.decided_date <= projects.as_of_date

union all

select
    scope_type,
    scope_id,
    period_start,
    as_of_date,
    'denominator',
    'baselines',
    null,
    project_id || ':0',
    null,
    name || ': first baseline',
    as_of_date,
    initial_bac,
    currency
from projects
