-- One row per connection and task, as it is now. Who works on it and when it was started, Tryton does not know.
select
    works.source,
    works.record_id                                    as item_id,
    roots.scope_id,
    works.r.number                                     as key,
    'task'                                             as type_original,
    works.r.name                                       as title,
    works.r.status                                     as status_original,
    case when parents.r.type = 'task' then works.r.parent end as parent_id,
    {{ exact_hours('works.r.effort_duration.seconds') }} as estimate_hours,
    {{ tryton_instant('works.r.create_date') }}        as created_at,
    coalesce({{ tryton_instant('works.r.write_date') }}, {{ tryton_instant('works.r.create_date') }}) as updated_at,

    -- how it came
    {{ tryton_provenance('works') }}
from {{ ref('base_tryton__works') }} as works
left join {{ ref('int_tryton__work_roots') }} as roots
    on roots.source = works.source
    and roots.work_id = works.record_id
left join {{ ref('base_tryton__works') }} as parents
    on parents.source = works.source
    and parents.record_id = works.r.parent
where works.r.type = 'task'
