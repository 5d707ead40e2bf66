-- One row per connection and status of works.
select
    source,
    record_id                                          as status_id,
    r.name                                             as name
from {{ ref('base_tryton__work_statuses') }}
where r is not null
