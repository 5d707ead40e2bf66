-- One row per connection and work: the work above all, which is the scope of everything below it.
with recursive climbed as (

    select
        source,
        record_id                                      as work_id,
        record_id                                      as ancestor_id,
        r.parent                                       as next_id,
        0                                              as steps
    from {{ ref('base_tryton__works') }}
    where r is not null

    union all

    select
        climbed.source,
        climbed.work_id,
        parents.record_id                              as ancestor_id,
        parents.r.parent                               as next_id,
        climbed.steps + 1                              as steps
    from climbed
    inner join {{ ref('base_tryton__works') }} as parents
        on parents.source = climbed.source
        and parents.record_id = climbed.next_id
        and parents.r is not null
    -- Tryton allows no circle; should a half-landed change show one, it is left after so many steps
    where climbed.steps < 50

)

select
    source,
    work_id,
    ancestor_id                                        as scope_id
from climbed
qualify row_number() over (partition by source, work_id order by steps desc) = 1
