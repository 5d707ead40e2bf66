-- One row per sprint, in the project that its scope belongs to when it starts.
with placed as (

    select
        sprints.*,
        scopes.project_id,
        coalesce(scopes.time_zone, organization.time_zone) as time_zone
    from {{ current_rows('sprints') }} as sprints
    left join {{ ref('scope_intervals') }} as scopes
        on scopes.source = sprints.source
        and scopes.scope_id = sprints.scope_id
        and coalesce(cast(sprints.start_local as date), cast(sprints.start_at as date), date '9999-12-30') >= scopes.valid_from
        and coalesce(cast(sprints.start_local as date), cast(sprints.start_at as date), date '9999-12-30') < scopes.valid_before
    cross join {{ ref('organization') }} as organization

)

select
    source,
    sprint_id,
    name,
    project_id,
    scope_id,
    state,
    {{ moment_at('start', 'time_zone', days=false) }} as start_at,
    {{ moment_at('end', 'time_zone', days=false) }} as end_at,
    {{ moment_at('completed', 'time_zone', days=false) }} as completed_at,
    goal
from placed
