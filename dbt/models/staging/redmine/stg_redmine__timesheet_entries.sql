-- One row per connection and time entry. The day is the one that the person chose.
with entries as (

    select
        entries.*,
        coalesce(projects.r.identifier, entries.r.project.id)    as scope_id,
        coalesce(activities.r.name, entries.r.activity.name)     as activity,
        {{ redmine_custom_value('entries.r.custom_fields', 'conventions.billable_id', 'conventions.billable_name') }} as billable_text
    from {{ ref('base_redmine__time_entries') }} as entries
    left join {{ ref('base_redmine__conventions') }} as conventions
        on conventions.connection = entries.connection
    left join {{ ref('base_redmine__projects') }} as projects
        on projects.connection = entries.connection
        and projects.record_id = entries.r.project.id
    left join {{ ref('base_redmine__catalogue') }} as activities
        on activities.connection = entries.connection
        and activities.record_id = 'time_entry_activities:' || entries.r.activity.id

)

select
    -- key
    source,
    record_id                                          as entry_id,

    -- who and on what
    r.user.id                                          as source_user_id,
    cast(null as varchar)                              as project_id,
    scope_id,
    r.issue.id                                         as item_id,

    -- when and how much
    {{ cast_date('r.spent_on') }}                      as work_date,
    {{ cast_decimal('r.hours', 18, 9) }}               as hours,
    activity                                           as activity_original,
    {{ cast_boolean('billable_text') }}                as billable,
    r.comments                                         as note,

    -- how it came
    connection,
    delivery,
    file,
    line,
    is_deleted,
    {{ cast_losses({
        'r.spent_on': [cast_date('r.spent_on')],
        'r.hours': [cast_decimal('r.hours', 18, 9)],
        'billable_text': [cast_boolean('billable_text')]
    }) }} as cast_losses,
    landed_versions
from entries
