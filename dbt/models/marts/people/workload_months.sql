-- One row per month that plans are laid out for, person and role: what the person can work, has worked productively on projects by as_of,
-- and has still to do. The month of as_of counts whole: hours booked up to as_of, and work left for its rest. Work that nobody is assigned
-- to has the role `unassigned`; a person that is unknown or has no role the role `unspecified`.
with months as (

    {{ planning_months() }}

),

amounts as (

    select
        days.person_id,
        false                                                               as is_unassigned,
        {{ month_start('days.day') }}                                       as month,
        days.capacity_hours,
        0                                                                   as logged_hours,
        0                                                                   as open_hours
    from {{ ref('person_capacity_days') }} as days
    where days.day >= {{ month_start(as_of_date()) }}

    union all

    select
        person_id,
        false,
        {{ month_start('work_date') }},
        0,
        hours,
        0
    from {{ ref('timesheet_entries') }}
    where work_date between {{ month_start(as_of_date()) }} and {{ as_of_date() }}
        and is_productive

    union all

    select
        person_id,
        assignee is null,
        month,
        0,
        0,
        month_hours
    from {{ ref('open_work') }}

)

select
    months.month,
    amounts.person_id,
    case
        when amounts.is_unassigned then 'unassigned'
        else coalesce(people.role, 'unspecified')
    end                                                                     as role,
    cast(sum(amounts.capacity_hours) as decimal(18, 9))                     as capacity_hours,
    cast(sum(amounts.logged_hours) as decimal(18, 9))                       as logged_hours,
    cast(sum(amounts.open_hours) as decimal(18, 9))                         as open_hours
from amounts
inner join months on months.month = amounts.month
left join {{ ref('people') }} as people on people.person_id = amounts.person_id
group by
    months.month,
    amounts.person_id,
    case
        when amounts.is_unassigned then 'unassigned'
        else coalesce(people.role, 'unspecified')
    end
