-- One row per user of a source: the person behind it. Whom nobody named is the person of the same e-mail address, where just one has it.
with given as (

    select
        source,
        source_user_id,
        person_id
    from {{ current_rows('identities', by=['source', 'source_user_id']) }}

),

addresses as (

    select
        lower(email)                                   as email,
        min(person_id)                                 as person_id
    from {{ ref('people') }}
    where email is not null
    group by lower(email)
    having count(*) = 1

)

select
    source,
    source_user_id,
    person_id,
    false                                              as is_by_email
from given

union all

select
    users.source,
    users.source_user_id,
    min(addresses.person_id)                           as person_id,
    true                                               as is_by_email
from ({{ union_staged('source_users', columns=['source', 'source_user_id', 'email']) }}) as users
inner join addresses
    on addresses.email = lower(users.email)
left join given
    on given.source = users.source
    and given.source_user_id = users.source_user_id
where given.source is null
group by users.source, users.source_user_id
