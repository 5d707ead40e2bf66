-- One row per connection and user: whoever no identity and no e-mail address names is a person by this source. Who was locked or deleted is still the
-- one who did what was done.
select
    source,
    record_id                                          as source_user_id,
    nullif(trim(concat_ws(' ', r.firstname, r.lastname)), '') as name,
    nullif(r.mail, '')                                 as email,
    source || ':' || record_id                         as person_id,
    connection,
    delivery,
    file,
    line,
    is_deleted,
    cast(null as varchar)                              as cast_losses
from {{ ref('base_redmine__users') }}
where r is not null
