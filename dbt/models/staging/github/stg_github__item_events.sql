-- One row per change of an issue's status, assignee or milestone.
with changes as (

    select
        source,
        connection,
        record_id                                      as event_id,
        r.issue.id                                     as item_id,
        case when r.event in ('assigned', 'unassigned') then 'assignee' else 'version' end as field,
        case
            when r.event = 'assigned' then r.assignee.login
            when r.event = 'milestoned' then r.milestone.title
        end                                            as to_value,
        {{ cast_instant('r.created_at') }}             as occurred_at,
        r.actor.login                                  as author,
        delivery,
        file,
        line,
        landed_versions
    from {{ ref('base_github__events') }}
    where not is_deleted
        and r.event in ('assigned', 'unassigned', 'milestoned', 'demilestoned')

),

followed as (

    select
        *,
        lag(to_value) over (
            partition by source, item_id, field order by occurred_at, {{ cast_integer('event_id') }}
        )                                              as from_value
    from changes

),

united as (

    select source, connection, event_id, item_id, 'status' as field, from_value, to_value, occurred_at, author, delivery, file, line, landed_versions
    from {{ ref('base_github__status_changes') }}

    union all

    select source, connection, event_id, item_id, field, from_value, to_value, occurred_at, author, delivery, file, line, landed_versions
    from followed
    where from_value is distinct from to_value

)

select
    source,
    event_id,
    item_id,
    field,
    from_value,
    to_value,
    occurred_at,
    cast(null as timestamp)                            as occurred_local,
    author,

    -- how it came
    connection,
    delivery,
    file,
    line,
    false                                              as is_deleted,
    cast(null as varchar)                              as cast_losses,
    landed_versions
from united
