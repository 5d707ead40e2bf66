-- One row per change of a task's status between two landings: Tryton keeps no history, so its runs make one. A change is dated by the stamp of the
-- version that shows it: it was made then or before, and after the version before was read. What was changed and changed back between two runs
-- left no trace.
with versions as (

    select
        *,
        lag(r.status) over (partition by source, record_id order by delivery, line) as status_before
    from ({{ all_record_versions('tryton', 'works', {
        "type": "VARCHAR",
        "status": "VARCHAR",
        "create_date": tryton_instant_members(),
        "write_date": tryton_instant_members()
    }) }})
    where r.type = 'task'

)

select
    source,
    'derived:' || record_id || ':' || delivery || ':' || line as event_id,
    record_id                                          as item_id,
    'status'                                           as field,
    status_before                                      as from_value,
    r.status                                           as to_value,
    least(coalesce({{ tryton_instant('r.write_date') }}, extracted_at), extracted_at) as occurred_at,
    cast(null as timestamp)                            as occurred_local,
    cast(null as varchar)                              as author,

    -- how it came
    connection,
    delivery,
    file,
    line,
    false                                              as is_deleted,
    cast(null as varchar)                              as cast_losses,
    1                                                  as landed_versions
from versions
where status_before <> r.status
