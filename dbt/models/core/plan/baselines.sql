-- One row per baseline version of a project. The active one at the status date: approved by then, marked active, else the highest version that
-- is not marked inactive.
with approved as (

    select
        baselines.project_id,
        cast(baselines.baseline_version as integer)    as baseline_version,
        {{ moment_at('baselines.approved', 'coalesce(project_zones.time_zone, organization.time_zone)') }} as approved_at,
        {{ moment_date('baselines.approved', 'coalesce(project_zones.time_zone, organization.time_zone)') }} as approved_date,
        baselines.approved_by,
        baselines.reason,
        baselines.is_active                            as is_marked_active,
        {{ day_end('organization.as_of_date', 'coalesce(project_zones.time_zone, organization.time_zone)') }} as as_of_instant
    from {{ current_rows('baselines', by=['project_id', 'baseline_version']) }} as baselines
    left join {{ ref('project_zones') }} as project_zones
        on project_zones.project_id = baselines.project_id
    cross join {{ ref('organization') }} as organization

),

ranked as (

    select
        *,
        row_number() over (
            partition by project_id
            order by
                case when approved_at < as_of_instant and coalesce(is_marked_active, true) then 0 else 1 end,
                case when is_marked_active then 0 else 1 end,
                baseline_version desc
        )                                              as choice
    from approved

)

select
    project_id,
    baseline_version,
    approved_at,
    approved_date,
    approved_by,
    reason,
    is_marked_active,
    choice = 1 and approved_at < as_of_instant and coalesce(is_marked_active, true) as is_active,
    baseline_version = 0                               as is_initial
from ranked
