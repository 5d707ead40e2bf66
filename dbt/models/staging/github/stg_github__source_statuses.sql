-- One row per connection and status: open and closed, and each label that is or was one.
with connections as (

    select source, connection, max(delivery) as delivery, max(line) as line
    from {{ ref('base_github__repositories') }}
    group by source, connection

),

named as (

    select source, connection, delivery, line, 'open' as name from connections
    union all
    select source, connection, delivery, line, 'closed' as name from connections
    union all
    select source, connection, max(delivery) as delivery, max(line) as line, r.name as name
    from (
        {{ all_record_versions('github', 'status_labels', {"name": "VARCHAR"}) }}
    ) as versions
    where not is_deleted
    group by source, connection, r.name

)

select
    source,
    name                                               as status_id,
    name,
    connection,
    delivery,
    line,
    false                                              as is_deleted
from named
