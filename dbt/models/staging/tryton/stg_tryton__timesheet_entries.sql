-- One row per connection and timesheet line. The rate that was frozen on it stays in landing: labor cost comes from the dated rates.
with lines as (

    select
        *,
        {{ tryton_reference('r.work.origin', 'project.work') }} as work_id
    from {{ ref('base_tryton__timesheet_lines') }}
    where r is not null

)

select
    lines.source,
    lines.record_id                                    as entry_id,
    lines.r.employee                                   as source_user_id,
    cast(null as varchar)                              as project_id,
    roots.scope_id,
    case when works.r.type = 'task' then lines.work_id end as item_id,
    {{ tryton_date('lines.r.date') }}                  as work_date,
    {{ exact_hours('lines.r.duration.seconds') }}      as hours,
    lines.r.description                                as note,

    -- how it came
    {{ tryton_provenance('lines') }}
from lines
left join {{ ref('int_tryton__work_roots') }} as roots
    on roots.source = lines.source
    and roots.work_id = lines.work_id
left join {{ ref('base_tryton__works') }} as works
    on works.source = lines.source
    and works.record_id = lines.work_id
