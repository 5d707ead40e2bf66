-- One row per connection and issue.
with labels as (

    select distinct source, r.name as name
    from (
        {{ all_record_versions('github', 'status_labels', {"name": "VARCHAR"}) }}
    ) as versions
    where not is_deleted

),

-- Of several status labels the one that was set last counts, as in the history.
last_changes as (

    select source, item_id, to_value
    from {{ ref('base_github__status_changes') }}
    qualify row_number() over (partition by source, item_id order by occurred_at desc, {{ cast_integer('event_id') }} desc) = 1

),

carried as (

    select source, record_id, unnest(r.labels).name as label
    from {{ ref('base_github__issues') }}

),

labeled as (

    select
        carried.source,
        carried.record_id,
        min(carried.label)                             as first_label,
        max(case when carried.label = last_changes.to_value then carried.label end) as last_label
    from carried
    inner join labels
        on labels.source = carried.source
        and labels.name = carried.label
    left join last_changes
        on last_changes.source = carried.source
        and last_changes.item_id = carried.record_id
    group by carried.source, carried.record_id

)

select
    issues.source,
    issues.record_id                                   as item_id,
    regexp_extract(issues.r.repository_url, '/repos/(.+)$', 1) as scope_id,
    cast(null as varchar)                              as project_id,
    regexp_extract(issues.r.repository_url, '/repos/(.+)$', 1) || '#' || issues.r.number as key,
    coalesce(issues.r.type.name, 'Issue')              as type_original,
    issues.r.title                                     as title,
    case
        when issues.r.state = 'closed' then 'closed'
        else coalesce(labeled.last_label, labeled.first_label, 'open')
    end                                                as status_original,
    issues.r.assignee.login                            as assignee,
    issues.r.user.login                                as reporter,
    cast(issues.r.milestone.id as varchar)             as version_id,
    array_to_string(list_transform(issues.r.labels, lambda label: label.name), ';') as labels,
    {{ cast_instant('issues.r.created_at') }}          as created_at,
    {{ cast_instant('issues.r.updated_at') }}          as updated_at,
    {{ cast_instant('issues.r.closed_at') }}           as resolved_at,
    {{ cast_date('left(issues.r.milestone.due_on, 10)') }} as due_date,
    issues.r.html_url                                  as url,

    -- how it came
    issues.connection,
    issues.delivery,
    issues.file,
    issues.line,
    issues.is_deleted,
    cast(null as varchar)                              as cast_losses,
    issues.landed_versions
from {{ ref('base_github__issues') }} as issues
left join labeled
    on labeled.source = issues.source
    and labeled.record_id = issues.record_id
