-- One row per task and point in time for which progress was reported. A status date that is a day means the end of that day.
with progress as (

    select
        progress.*,
        coalesce(project_zones.time_zone, organization.time_zone) as time_zone
    from {{ current_rows('task_progress', by=['project_id', 'task_id', 'status_at', 'status_local', 'status_date']) }} as progress
    left join {{ ref('project_zones') }} as project_zones
        on project_zones.project_id = progress.project_id
    cross join {{ ref('organization') }} as organization

),

placed as (

    select
        project_id,
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
