-- One row per project and reporting month in which a baseline was in force: the one that earned value is measured against on that day, too.
select
    months.project_id,
    months.month,
    months.as_of_date,
    months.is_latest,
    months.is_open,
    months.portfolio_id,
    months.program_id,
    baselines.baseline_version,
    coalesce(first_reports.reported_on <= months.as_of_date, false)         as has_progress
from {{ ref('project_months') }} as months
inner join {{ ref('project_time') }} as project_time on months.project_id = project_time.project_id
inner join {{ ref('baselines') }} as baselines
    on months.project_id = baselines.project_id
    and coalesce(baselines.is_marked_active, true)
    and baselines.approved_at < {{ day_end('months.as_of_date', 'project_time.time_zone') }}
left join (
    select project_id, min(status_date) as reported_on
    from {{ ref('task_progress') }}
    group by project_id
) as first_reports on months.project_id = first_reports.project_id
qualify row_number() over (
    partition by months.project_id, months.month order by baselines.is_active desc, baselines.baseline_version desc
) = 1
