-- One row per connection and line of hours that counts: one that a review refused is left out, and the check `hours_refused_by_review` names it.
-- That a line is approved is known, when it was is not: approved_at stays empty.
select
    source,
    record_id                                          as entry_id,
    r.report_by.id                                     as source_user_id,
    cast(null as varchar)                              as project_id,
    cast(null as varchar)                              as scope_id,
    case when r.principal_type = 'work_item' then r.principal.id end as item_id,
    work_date,
    {{ cast_decimal('r.duration', 18, 9) }}            as hours,
    r.type.name                                        as activity_original,
    cast(null as boolean)                              as billable,
    {{ instant_of_epoch('r.created_at') }}             as submitted_at,
    cast(null as timestamp)                            as submitted_local,
    cast(null as timestamptz)                          as approved_at,
    cast(null as timestamp)                            as approved_local,
    r.description                                      as note,
    cast(null as varchar)                              as users_of,
    cast(null as varchar)                              as items_of,

    -- how it came
    connection,
    delivery,
    file,
    line,
    is_deleted,
    {{ cast_losses({
        'r.report_at': ['work_date'],
        'r.duration': [cast_decimal('r.duration', 18, 9)],
        'r.created_at': [instant_of_epoch('r.created_at')]
    }) }}                                              as cast_losses,
    landed_versions
from {{ ref('base_pingcode__hours') }}
where not is_refused
