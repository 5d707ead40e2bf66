-- One row per person and day worked: the cost rate that applies. A person's own rate of the day wins over the rate of the person's role; of
-- several valid ones the latest valid_from wins. A person-day without a row has no rate.
with worked as (

    select distinct
        person_id,
        work_date
    from {{ ref('timesheet_entries') }}
    where person_id is not null

),

candidates as (

    select
        worked.person_id,
        worked.work_date,
        'person'                                       as rate_basis,
        1                                              as precedence,
        rates.valid_from,
        coalesce(rates.role, '')                       as tie_breaker,
        rates.cost_rate,
        rates.currency
    from worked
    inner join {{ ref('rates') }} as rates
        on worked.person_id = rates.person_id
        and worked.work_date >= rates.valid_from
        and worked.work_date <= coalesce(rates.valid_to, worked.work_date)

    union all

    select
        worked.person_id,
        worked.work_date,
        'role'                                         as rate_basis,
        2                                              as precedence,
        rates.valid_from,
        rates.role                                     as tie_breaker,
        rates.cost_rate,
        rates.currency
    from worked
    inner join {{ ref('people') }} as people
        on worked.person_id = people.person_id
    inner join {{ ref('rates') }} as rates
        on people.role = rates.role
        and rates.person_id is null
        and worked.work_date >= rates.valid_from
        and worked.work_date <= coalesce(rates.valid_to, worked.work_date)

),

ranked as (

    select
        *,
        row_number() over (
            partition by person_id, work_date
            order by precedence, valid_from desc, tie_breaker
        )                                              as choice
    from candidates

)

select
    person_id,
    work_date,
    rate_basis,
    valid_from,
    cast(cost_rate as decimal(28, 12))                 as rate,
    currency                                           as rate_currency
from ranked
where choice = 1
