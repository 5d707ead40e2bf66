-- One row per connection, journal and detail: a change of an issue's attribute, or of its story points. Redmine writes ids, and so do we; a
-- project is known by its identifier. Other custom fields, relations and attachments change nothing that is measured.
with journals as (

    select
        source,
        connection,
        record_id                                      as item_id,
        delivery,
        file,
        line,
        is_deleted,
        unnest(r.journals)                             as journal
    from {{ ref('base_redmine__issues') }}

),

details as (

    select
        *,
        {{ each_with_place('journal.details', 'detail', 'place') }}
    from journals

),

named as (

    select
        details.*,
        journal.created_on                             as created_on,
        case
            when detail.property = 'cf' then 'estimate'
            when detail.name = 'fixed_version_id' then case when conventions.versions_are_sprints then 'sprint' else 'version' end
            when detail.name = 'estimated_hours' then 'estimate'
            when detail.name = 'assigned_to_id' then 'assignee'
            when detail.name = 'tracker_id' then 'type'
            when detail.name = 'project_id' then 'scope'
            else regexp_replace(detail.name, '_id$', '')
        end                                            as field,
        detail.property = 'attr' and detail.name = 'project_id' as is_move
    from details
    left join {{ ref('base_redmine__conventions') }} as conventions
        on conventions.connection = details.connection
    where (detail.property = 'attr' and detail.name not in ('description', 'subject'))
        or (detail.property = 'cf' and detail.name = conventions.points_id)

)

select
    -- key
    named.source,
    named.journal.id || ':' || named.place             as event_id,
    named.item_id,

    -- what changed
    named.field,
    nullif(case when named.is_move then coalesce(was.r.identifier, named.detail.old_value) else named.detail.old_value end, '') as from_value,
    nullif(case when named.is_move then coalesce(became.r.identifier, named.detail.new_value) else named.detail.new_value end, '') as to_value,

    -- when and by whom
    {{ cast_instant('named.created_on') }}             as occurred_at,
    cast(null as timestamp)                            as occurred_local,
    named.journal.user.id                              as author,

    -- how it came
    named.connection,
    named.delivery,
    named.file,
    named.line,
    named.is_deleted,
    {{ cast_losses({'named.created_on': [cast_instant('named.created_on')]}) }} as cast_losses
from named
left join {{ ref('base_redmine__projects') }} as was
    on named.is_move
    and was.connection = named.connection
    and was.record_id = named.detail.old_value
left join {{ ref('base_redmine__projects') }} as became
    on named.is_move
    and became.connection = named.connection
    and became.record_id = named.detail.new_value
