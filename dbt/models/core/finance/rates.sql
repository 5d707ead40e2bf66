-- One row per hourly rate of a person or of a role, from a day on. Of two for the same day, the one that names the person itself counts, and not the
-- one by which a source knows that person.
with named as (

    select
        rates.*,
        coalesce(aliases.person_id, rates.person_id)   as rated_person_id,
        aliases.alias_id is not null                   as is_by_alias
    from {{ current_rows('rates', by=['person_id', 'role', 'valid_from']) }} as rates
    left join {{ ref('person_aliases') }} as aliases
        on aliases.alias_id = rates.person_id

)

select
    rated_person_id                                    as person_id,
    role,
    valid_from,
    valid_to,
    currency,
    cost_rate,
    bill_rate
from named
qualify row_number() over (
    partition by rated_person_id, role, valid_from order by is_by_alias, delivery desc, connection desc, line desc
) = 1
