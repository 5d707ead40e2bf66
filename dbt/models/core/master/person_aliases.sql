-- One row per person of a system's directory who is somebody else by the PMO's word: an identity, a person of that very id, or one of the same
-- e-mail address. Whatever names such a one means the person.
with delivered as (

    select * from {{ current_rows('people', by=['person_id']) }}

),

addresses as (

    select
        lower(email)                                   as email,
        min(person_id)                                 as person_id
    from delivered
    where directory_user_id is null and email is not null
    group by lower(email)

),

named as (

    select
        listed.person_id                               as alias_id,
        coalesce(given.person_id, people.person_id, addresses.person_id) as person_id
    from delivered as listed
    left join {{ current_rows('identities', by=['source', 'source_user_id']) }} as given
        on given.source = listed.connection
        and given.source_user_id = listed.directory_user_id
    left join delivered as people
        on people.person_id = listed.directory_user_id
        and people.directory_user_id is null
    left join addresses
        on addresses.email = lower(listed.email)
    where listed.directory_user_id is not null

)

select
    alias_id,
    person_id
from named
where person_id <> alias_id
