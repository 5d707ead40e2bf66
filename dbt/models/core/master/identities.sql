-- One row per user of a source: the person behind it. Whom nobody named is the person of the same e-mail address, where just one has it, else the
-- person whom the source itself lists for the user.
with given as (

    select
        source,
        source_user_id,
        person_id
    from {{ current_rows('identities', by=['source', 'source_user_id']) }}

),

-- Whom the PMO delivered under an address, else whom a system's directory lists under it.
addresses as (

    select
        lower(email)                                   as email,
        coalesce(min(person_id) filter (where directory_user_id is null), min(person_id)) as person_id
    from {{ current_rows('people', by=['person_id']) }}
    where email is not null
    group by lower(email)
    having count(*) filter (where directory_user_id is null) = 1
        or (count(*) filter (where directory_user_id is null) = 0 and count(*) = 1)

),

users as (

    select
        users.source,
        users.source_user_id,
        coalesce(min(addresses.person_id), min(users.person_id)) as person_id
    from ({{ union_staged('source_users', columns=['source', 'source_user_id', 'email', 'person_id']) }}) as users
    left join addresses
        on addresses.email = lower(users.email)
    group by users.source, users.source_user_id

)

select
    source,
    source_user_id,
    person_id,
    true                                               as is_given
from given

union all

select
    users.source,
    users.source_user_id,
    users.person_id,
    false                                              as is_given
from users
left join given
    on given.source = users.source
    and given.source_user_id = users.source_user_id
where given.source is null
    and users.person_id is not null
