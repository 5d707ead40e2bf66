-- One row per connection and option of the property `severity`, of whichever project's scheme: its text, which items name by id.
with options as (

    select
        connection,
        record_id,
        delivery,
        unnest(r.options)                              as option
    from {{ ref('base_pingcode__work_item_properties') }}
    where r.id = 'severity'

)

select
    connection,
    coalesce(option._id, option.id)                    as option_id,
    coalesce(option."text", option."name")             as name
from options
qualify row_number() over (
    partition by connection, coalesce(option._id, option.id) order by delivery desc, record_id
) = 1
