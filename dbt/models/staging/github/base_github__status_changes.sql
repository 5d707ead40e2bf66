-- One row per change of an issue's status: closed, or the status label of an open issue that was set last, or open.
-- A label that was renamed or deleted still is a status in the history: all landed versions of the labels count.
with labels as (

    select distinct
        source,
        r.name                                         as name
    from (
        {{ all_record_versions('github', 'status_labels', {"name": "VARCHAR"}) }}
    ) as versions
    where not is_deleted

),

relevant as (

    select
        events.source,
        events.connection,
        events.record_id                               as event_id,
        events.r.issue.id                              as item_id,
        events.r.event                                 as event,
        case when events.r.event in ('labeled', 'unlabeled') then events.r.label.name end as label,
        events.r.actor.login                           as author,
        {{ cast_instant('events.r.created_at') }}      as occurred_at,
        events.delivery,
        events.file,
        events.line,
        events.landed_versions
    from {{ ref('base_github__events') }} as events
    left join labels
        on labels.source = events.source
        and labels.name = events.r.label.name
    where not events.is_deleted
        and (
            events.r.event in ('closed', 'reopened')
            or (events.r.event in ('labeled', 'unlabeled') and labels.name is not null)
        )

),

-- The list comes newest first; events of one second are in the order of their ids.
numbered as (

    select
        *,
        row_number() over (partition by source, item_id order by occurred_at, {{ cast_integer('event_id') }}) as place
    from relevant

),

label_spans as (

    select
        source,
        item_id,
        label,
        place                                          as first_place,
        next_place
    from (
        select
            *,
            lead(place) over (partition by source, item_id, label order by place) as next_place
        from numbered
        where label is not null
    ) as label_events
    where event = 'labeled'

),

states as (

    select
        *,
        last_value(case when label is null then event end ignore nulls) over (
            partition by source, item_id order by place rows between unbounded preceding and current row
        )                                              as state_event
    from numbered

),

standing as (

    select
        states.*,
        label_spans.label                              as standing_label
    from states
    left join label_spans
        on label_spans.source = states.source
        and label_spans.item_id = states.item_id
        and label_spans.first_place <= states.place
        and (label_spans.next_place is null or label_spans.next_place > states.place)
    qualify row_number() over (
        partition by states.source, states.item_id, states.place order by label_spans.first_place desc nulls last
    ) = 1

),

statuses as (

    select
        *,
        case
            when state_event = 'closed' then 'closed'
            else coalesce(standing_label, 'open')
        end                                            as to_value
    from standing

),

changes as (

    select
        *,
        lag(to_value, 1, 'open') over (partition by source, item_id order by place) as from_value
    from statuses

)

select
    source,
    connection,
    event_id,
    item_id,
    from_value,
    to_value,
    occurred_at,
    author,
    delivery,
    file,
    line,
    landed_versions
from changes
where from_value != to_value
