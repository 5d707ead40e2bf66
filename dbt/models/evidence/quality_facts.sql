-- One row per dated fact that the quality of delivery is counted from (see the mart of that name), and per open item of a forecast (`remaining`).
with facts as (

    select fact, source, item_id, project_id, is_escaped, started_on, ended_on, ended_by
    from {{ ref('delivery_facts') }}

    union all

    select 'remaining', source, item_id, project_id, false, created_on, cast(null as date), cast(null as varchar)
    from {{ ref('work_item_facts') }}
    where state in ('backlog', 'committed', 'active', 'waiting')

)

select
    facts.project_id,
    facts.fact,
    facts.started_on,
    facts.ended_on,
    facts.ended_by,
    facts.source,
    facts.item_id,
    coalesce(items.key, items.item_id)                      as record_key,
    items.url,
    items.title                                             as label,
    items.kind,
    facts.is_escaped,
    items.created_at,
    project_time.time_zone
from facts
inner join {{ ref('work_items') }} as items on facts.source = items.source and facts.item_id = items.item_id
inner join {{ ref('project_time') }} as project_time on facts.project_id = project_time.project_id
