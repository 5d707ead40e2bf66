-- One row per item with a tombstone event by the status date: the last one, which deletes the item or brings it back.
with tombstones as (

    select
        source,
        item_id,
        event_id,
        {{ moment_at('occurred', 'organization.time_zone', days=false) }} as occurred_at,
        case
            when to_value is not null then lower(to_value) not in ('false', '0', 'no')
            -- an event that says no more than `deleted` deletes; one that takes a deletion away does not
            else coalesce(lower(from_value) in ('false', '0', 'no'), true)
        end                                            as is_deletion,
        organization.as_of_instant
    from {{ current_rows('item_events') }}
    cross join {{ ref('organization') }} as organization
    where lower(field) = 'deleted'

)

select
    source,
    item_id,
    occurred_at,
    is_deletion
from tombstones
where occurred_at < as_of_instant
qualify row_number() over (partition by source, item_id order by occurred_at desc, event_id desc) = 1
