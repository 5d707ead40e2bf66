-- One row per connection and change of a field: an item of an entry of a history. Values are ids; where Jira has none (points, the flag), its text.
with entries as (

    -- unnest belongs in the select list: in `from` it costs many times as much
    select
        connection,
        source,
        record_id,
        r.issueId                                      as item_id,
        r.created                                      as created,
        coalesce(r.author.accountId, r.author.key, r.author.name) as author,
        -- a move changes project and key: one event says it
        len(list_filter(r.items, lambda item: coalesce(item.fieldId, item.field) = 'project')) > 0 as has_project,
        unnest(r.items)                                as item,
        generate_subscripts(r.items, 1) - 1            as place,
        delivery,
        file,
        line,
        is_deleted,
        landed_versions
    from {{ ref('base_jira__histories') }}

),

-- A field is known by its id; old entries of Data Center say its name alone.
meanings as (

    select connection, 'id:' || event.id as lookup, event.field as field
    from (select connection, unnest(r.events) as event from {{ ref('base_jira__sites') }}) as told

    union

    select connection, 'name:' || event.name as lookup, min(event.field) as field
    from (select connection, unnest(r.events) as event from {{ ref('base_jira__sites') }}) as told
    group by connection, event.name

    union

    select connection, 'name:Key' as lookup, 'key' as field
    from {{ ref('base_jira__sites') }}

),

-- An assignment names a person of Data Center by key, or, where it is old, by the name of then.
names as (

    select connection, r.name as name, min(record_id) as user_id
    from {{ ref('base_jira__users') }}
    where r.name is not null
    group by connection, r.name

),

changes as (

    select
        entries.*,
        meanings.field,
        case
            when meanings.field = 'key' then regexp_replace(entries.item.fromString, '-[0-9]+$', '')
            when meanings.field = 'flagged' then coalesce(entries.item.fromString, entries.item.from)
            when meanings.field = 'estimate' then coalesce(entries.item.from, entries.item.fromString)
            else entries.item.from
        end                                            as from_value,
        case
            when meanings.field = 'key' then regexp_replace(entries.item.toString, '-[0-9]+$', '')
            when meanings.field = 'flagged' then coalesce(entries.item.toString, entries.item.to)
            when meanings.field = 'estimate' then coalesce(entries.item.to, entries.item.toString)
            else entries.item.to
        end                                            as to_value
    from entries
    inner join meanings
        on meanings.connection = entries.connection
        and meanings.lookup = case when entries.item.fieldId is not null then 'id:' || entries.item.fieldId else 'name:' || entries.item.field end
    where not (meanings.field = 'key' and entries.has_project)

)

select
    changes.source,
    changes.record_id || ':' || changes.place          as event_id,
    changes.item_id,
    case when changes.field = 'key' then 'scope' else changes.field end as field,
    nullif(coalesce(projects_before.r.key, users_before.user_id, changes.from_value), '') as from_value,
    nullif(coalesce(projects_after.r.key, users_after.user_id, changes.to_value), '') as to_value,
    coalesce({{ cast_instant('changes.created') }}, {{ instant_of_epoch('changes.created') }}) as occurred_at,
    cast(null as timestamp)                            as occurred_local,
    changes.author,

    -- how it came
    changes.connection,
    changes.delivery,
    changes.file,
    changes.line,
    changes.is_deleted,
    {{ cast_losses({
        'changes.created': [cast_instant('changes.created'), instant_of_epoch('changes.created')]
    }) }}                                              as cast_losses,
    changes.landed_versions
from changes
left join {{ ref('base_jira__projects') }} as projects_before
    on projects_before.connection = changes.connection
    and projects_before.record_id = case when changes.field = 'scope' then changes.from_value end
left join {{ ref('base_jira__projects') }} as projects_after
    on projects_after.connection = changes.connection
    and projects_after.record_id = case when changes.field = 'scope' then changes.to_value end
left join names as users_before
    on users_before.connection = changes.connection
    and users_before.name = case when changes.field = 'assignee' then changes.from_value end
left join names as users_after
    on users_after.connection = changes.connection
    and users_after.name = case when changes.field = 'assignee' then changes.to_value end
