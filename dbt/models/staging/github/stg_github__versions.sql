-- One row per connection and milestone.
select
    source,
    record_id                                          as version_id,
    r.title                                            as name,
    regexp_extract(r.url, '/repos/([^/]+/[^/]+)/', 1)  as scope_id,
    cast(null as varchar)                              as project_id,
    {{ cast_date('left(r.due_on, 10)') }}              as planned_date,
    {{ cast_date('left(r.closed_at, 10)') }}           as released_date,
    r.state                                            as status,

    -- how it came
    connection,
    delivery,
    file,
    line,
    is_deleted,
    cast(null as varchar)                              as cast_losses,
    landed_versions
from {{ ref('base_github__milestones') }}
