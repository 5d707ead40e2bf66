-- One row per connection and entry of work. Its day is the one of the offset it carries, or, by configuration, of its author's zone. Jira knows no
-- handing in: an hour counts as submitted when it was logged. Where projects were chosen, hours of other projects' issues stay out.
with worklogs as (

    select
        worklogs.*,
        case
            -- a zone that nobody knows is no zone
            when sites.r.work_day = 'author' and zones.name is not null
                then {{ local_day(cast_instant('worklogs.r.started'), 'zones.name') }}
            else {{ cast_date('left(worklogs.r.started, 10)') }}
        end                                            as work_date
    from {{ ref('base_jira__worklogs') }} as worklogs
    left join {{ ref('base_jira__sites') }} as sites
        on sites.connection = worklogs.connection
    left join {{ ref('base_jira__issues') }} as issues
        on issues.connection = worklogs.connection
        and issues.record_id = worklogs.r.issueId
    left join pg_timezone_names() as zones
        on zones.name = worklogs.r.author.timeZone
    where issues.record_id is not null
        or not coalesce({{ cast_boolean('sites.r.is_scoped') }}, false)

)

select
    source,
    record_id                                          as entry_id,
    coalesce(r.author.accountId, r.author.key, r.author.name) as source_user_id,
    cast(null as varchar)                              as project_id,
    cast(null as varchar)                              as scope_id,
    r.issueId                                          as item_id,
    work_date,
    {{ jira_hours('r.timeSpentSeconds') }}             as hours,
    cast(null as varchar)                              as activity_original,
    cast(null as boolean)                              as billable,
    {{ cast_instant('r.created') }}                    as submitted_at,
    cast(null as timestamp)                            as submitted_local,
    cast(null as timestamptz)                          as approved_at,
    cast(null as timestamp)                            as approved_local,
    {{ jira_prose('r.comment') }}                      as note,
    cast(null as varchar)                              as users_of,
    cast(null as varchar)                              as items_of,

    -- how it came
    connection,
    delivery,
    file,
    line,
    is_deleted,
    {{ cast_losses({
        'r.started': ['work_date'],
        'r.timeSpentSeconds': [jira_hours('r.timeSpentSeconds')],
        'r.created': [cast_instant('r.created')]
    }) }}                                              as cast_losses,
    landed_versions
from worklogs
