-- One row per connection and person seen there, with the e-mail address where it may be seen.
select
    source,
    record_id                                          as source_user_id,
    r.displayName                                      as name,
    r.emailAddress                                     as email
from {{ ref('base_jira__users') }}
where not is_deleted
