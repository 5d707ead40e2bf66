-- One row per project, baseline and day whose earned value is measured, at the end of that day in the project's zone: `as_of`, each day with
-- progress, each month end from the first one after the baseline start. Baselines: version 0, the active one, and the one that was active on
-- the day. A project without a baseline has rows with no version, its month ends from its first cost day on.
with projects as (

    select
        projects.project_id,
        projects.calendar_id,
        projects.time_zone,
        project_time.as_of_instant
    from {{ ref('projects') }} as projects
    inner join {{ ref('project_time') }} as project_time on project_time.project_id = projects.project_id

),

approved as (

    select
        baselines.project_id,
        baselines.baseline_version,
        baselines.approved_at,
        baselines.is_active,
        coalesce(baselines.is_marked_active, true) as is_eligible,
        baselines.is_initial,
        {{ local_day('spans.start_at', 'projects.time_zone') }} as start_day
    from {{ ref('baselines') }} as baselines
    inner join projects on projects.project_id = baselines.project_id
    left join {{ ref('int_baseline_spans') }} as spans
        on spans.project_id = baselines.project_id
        and spans.baseline_version = baselines.baseline_version
    where baselines.approved_at < projects.as_of_instant

),

first_costs as (

    select project_id, min(cost_date) as cost_date
    from {{ ref('actual_costs_daily') }}
    where has_feed
    group by project_id

),

first_days as (

    select projects.project_id, coalesce(min(approved.start_day), min(first_costs.cost_date)) as first_day
    from projects
    left join approved on approved.project_id = projects.project_id
    left join first_costs on first_costs.project_id = projects.project_id
    group by projects.project_id

),

month_ends as (

    {{ month_ends_between("(select min(first_day) from first_days)", as_of_date()) }}

),

reported_days as (

    select distinct project_id, status_date
    from {{ ref('task_progress') }}
    where status_date <= {{ as_of_date() }}

),

measured_days as (

    select project_id, {{ as_of_date() }} as status_date, 0 as is_month_end_only from projects
    union all
    select project_id, status_date, 0 from reported_days
    union all
    select first_days.project_id, month_ends.day, 1
    from first_days
    inner join month_ends on month_ends.day >= first_days.first_day

),

days as (

    select project_id, status_date, min(is_month_end_only) = 1 as is_month_end_only
    from measured_days
    group by project_id, status_date

),

instants as (

    select
        days.project_id,
        days.status_date,
        days.is_month_end_only,
        projects.calendar_id,
        projects.time_zone,
        {{ day_end('days.status_date', 'projects.time_zone') }} as status_at
    from days
    inner join projects on projects.project_id = days.project_id

),

versions as (

    select
        instants.*,
        approved.baseline_version,
        approved.start_day,
        coalesce(approved.is_active, false)  as is_active_baseline,
        coalesce(approved.is_initial, false) as is_initial_baseline,
        coalesce(
            approved.is_eligible
            and approved.approved_at < instants.status_at
            and row_number() over (
                partition by instants.project_id, instants.status_date
                order by
                    (approved.is_eligible and approved.approved_at < instants.status_at) desc,
                    approved.is_active desc,
                    approved.baseline_version desc
            ) = 1,
            false
        ) as is_active_at_status_date
    from instants
    left join approved on approved.project_id = instants.project_id

)

select
    versions.project_id,
    versions.status_date,
    versions.status_at,
    versions.baseline_version,
    versions.calendar_id,
    versions.time_zone,
    versions.is_active_baseline,
    versions.is_initial_baseline,
    versions.is_active_at_status_date,
    {{ work_position('interval_at', 'versions.status_at') }} as status_position
from versions
{{ join_interval_at('interval_at', 'versions.calendar_id', 'versions.time_zone', 'versions.status_at') }}
where versions.baseline_version is null
    or (
        (versions.is_active_baseline or versions.is_initial_baseline or versions.is_active_at_status_date)
        and (not versions.is_month_end_only or versions.status_date >= versions.start_day)
    )
