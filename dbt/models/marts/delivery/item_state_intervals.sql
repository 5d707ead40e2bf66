-- One row per live work item and uninterrupted stay in a category; the present stay is open (ended_at is NULL) and lasts to the status date.
with stays as (

    select
        item_no,
        source,
        item_id,
        step,
        project_id,
        from_category,
        to_category                                                 as category,
        changed_at                                                  as started_at,
        changed_on                                                  as started_on,
        lead(changed_at) over in_order                              as ended_at,
        lead(changed_on) over in_order                              as ended_on,
        as_of_instant
    from {{ ref('status_changes') }}
    window in_order as (partition by item_no order by step)

)

select
    item_no,
    source,
    item_id,
    step,
    project_id,
    from_category,
    category,
    started_at,
    ended_at,
    started_on,
    ended_on,
    ended_at is null                                                as is_present,
    {{ epoch_second('coalesce(ended_at, as_of_instant)') }} - {{ epoch_second('started_at') }} as seconds
from stays
