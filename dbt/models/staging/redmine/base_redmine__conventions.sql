-- One row per connection: what the configuration says, with the numbers of the custom fields that it names. Of several fields of a name, the oldest.
with fields as (

    select
        connection,
        r.customized_type                              as customized_type,
        lower(r.name)                                  as name,
        min({{ cast_integer('r.id') }})                as field_number
    from {{ ref('base_redmine__catalogue') }}
    where {{ dbt.split_part('record_id', "':'", 1) }} = 'custom_fields'
        and not is_deleted
    group by connection, r.customized_type, lower(r.name)

),

said as (

    select
        connection,
        max(case when record_id = 'story_points_field' then r.value end) as points_name,
        max(case when record_id = 'billable_field' then r.value end)     as billable_name,
        max(case when record_id = 'versions_are' then r.value end)       as versions_are,
        max(case when record_id = 'base_url' then r.value end)           as base_url
    from {{ ref('base_redmine__meanings') }}
    where not is_deleted
    group by connection

)

select
    said.connection,
    said.points_name,
    cast(points.field_number as varchar)               as points_id,
    said.billable_name,
    cast(billable.field_number as varchar)             as billable_id,
    said.versions_are = 'sprints'                      as versions_are_sprints,
    said.base_url
from said
left join fields as points
    on points.connection = said.connection
    and points.customized_type = 'issue'
    and points.name = lower(said.points_name)
left join fields as billable
    on billable.connection = said.connection
    and billable.customized_type = 'time_entry'
    and billable.name = lower(said.billable_name)
