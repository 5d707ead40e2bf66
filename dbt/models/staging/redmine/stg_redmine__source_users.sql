-- One row per connection and user. Who was locked or deleted is still the one who did what was done.
select
    source,
    record_id                                          as source_user_id,
    nullif(trim(concat_ws(' ', r.firstname, r.lastname)), '') as name,
    r.mail                                             as email,
    connection,
    delivery,
    file,
    line,
    is_deleted,
    cast(null as varchar)                              as cast_losses
from {{ ref('base_redmine__users') }}
