-- One row per task and point in time for which progress was reported. A task that names a scope is one of the project to which the scope belongs on
-- the status day of the organization. A status date that is a day means the end of that day.
with progress as (

    select
        progress.* exclude (project_id),
        coalesce(progress.project_id, scopes.project_id) as project_id,
        progress.project_id is null and coalesce(scopes.is_unmapped, false) as is_unmapped_scope,
        coalesce(project_zones.time_zone, organization.time_zone) as time_zone
    from {{ current_rows('task_progress', by=["coalesce(project_id, connection || ':' || scope_id)", 'task_id', 'status_at', 'status_local', 'status_date']) }} as progress
    cross join {{ ref('organization') }} as organization
    left join {{ ref('scope_intervals') }} as scopes
        on scopes.source = progress.connection
        and scopes.scope_id = progress.scope_id
        and progress.project_id is null
        and organization.as_of_date >= scopes.valid_from
        and organization.as_of_date < scopes.valid_before
    left join {{ ref('project_zones') }} as project_zones
        on project_zones.project_id = coalesce(progress.project_id, scopes.project_id)

),

placed as (

    select
        project_id,
        connection                                     as source,
        scope_id,
        is_unmapped_scope,
        task_id,
        {{ moment_date('status', 'time_zone') }}       as local_status_date,
        {{ moment_at('status', 'time_zone', day_is='end') }} as status_instant,
        percent_complete,
        {{ moment_at('actual_start', 'time_zone', days=false) }} as actual_start_at,
        actual_start_date,
        {{ moment_at('actual_finish', 'time_zone', days=false) }} as actual_finish_at,
        actual_finish_date,
        {{ moment_at('forecast_start', 'time_zone', days=false) }} as forecast_start_at,
        forecast_start_date,
        {{ moment_at('forecast_finish', 'time_zone', days=false) }} as forecast_finish_at,
        forecast_finish_date,
        remaining_cost,
        delivery,
        line
    from progress

)

select
    project_id,
    source,
    scope_id,
    is_unmapped_scope,
    task_id,
    local_status_date                                  as status_date,
    status_instant                                     as status_at,
    percent_complete,
    actual_start_at,
    actual_start_date,
    actual_finish_at,
    actual_finish_date,
    forecast_start_at,
    forecast_start_date,
    forecast_finish_at,
    forecast_finish_date,
    remaining_cost
from placed
-- The same moment may be written in two ways; then the newer delivery says it.
qualify row_number() over (partition by project_id, task_id, status_instant order by delivery desc, line desc) = 1
