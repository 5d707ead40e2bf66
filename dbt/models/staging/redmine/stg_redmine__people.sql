-- One row per connection and user. A user whom the PMO's identities or addresses name is that person and not one more. Redmine's list does not say
-- who is locked.
select
    source || ':' || record_id                         as person_id,
    record_id                                          as directory_user_id,
    nullif(trim(concat_ws(' ', r.firstname, r.lastname)), '') as name,
    nullif(r.mail, '')                                 as email,
    connection,
    delivery,
    file,
    line,
    is_deleted,
    cast(null as varchar)                              as cast_losses
from {{ ref('base_redmine__users') }}
where r is not null
